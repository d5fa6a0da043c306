// Asks the browser where the customer is, once, when she presses the button; without it her county's centre stands in.

const form = document.querySelector("[data-here]");

if (form && "geolocation" in navigator) {
  form.hidden = false;
  const said = form.querySelector("[role=status]");
  form.querySelector("button").addEventListener("click", () => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        form.elements.lat.value = coords.latitude.toFixed(4);
        form.elements.lon.value = coords.longitude.toFixed(4);
        form.submit();
      },
      () => { said.textContent = said.dataset.refused; },
      { timeout: 8000, maximumAge: 60000 },
    );
  });
}
