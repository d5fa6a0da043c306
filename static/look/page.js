// Comforts only: every page works without this file.

const root = document.documentElement;

// Light or dark at once, without loading the page again. The server keeps the cookie in step.
function chooseTheme(event) {
  const picked = event.submitter;
  if (!picked || picked.name !== "theme") return;
  event.preventDefault();
  if (picked.value) root.dataset.theme = picked.value;
  else delete root.dataset.theme;
  document.querySelector('meta[name="color-scheme"]').content = picked.value || "light dark";
  const life = picked.value ? 31536000 : 0;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `theme=${picked.value}; path=/; max-age=${life}; samesite=lax${secure}`;
  for (const button of event.target.querySelectorAll("button")) button.setAttribute("aria-pressed", button === picked);
}

// A button says that it works. It is not disabled before the browser has read its name and value.
function showBusy(event) {
  const button = event.submitter;
  if (!button || !button.dataset.busy || event.defaultPrevented) return;
  setTimeout(() => {
    button.dataset.said = button.textContent;
    button.textContent = button.dataset.busy;
    button.setAttribute("aria-busy", "true");
    button.disabled = true;
  });
}

// The back button shows the page as it was left: let its buttons work again.
function endBusy() {
  for (const button of document.querySelectorAll("button[data-said]")) {
    button.textContent = button.dataset.said;
    button.removeAttribute("aria-busy");
    button.disabled = false;
    delete button.dataset.said;
  }
}

// A photo that is read at once when it is picked: its input names the button.
function pressFor(event) {
  const button = event.target.dataset && document.getElementById(event.target.dataset.presses || "");
  if (button && event.target.files.length) button.form.requestSubmit(button);
}

function focusWrongs() {
  const wrongs = document.querySelector("[data-focus]");
  if (wrongs) wrongs.focus();
}

// The next scan replaces what was read, and is not typed behind it.
function readyToScan() {
  const field = document.activeElement;
  if (field && field.matches("[data-scan]") && field.value === field.defaultValue) field.select();
}

document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-theme-choice]")) chooseTheme(event);
  else showBusy(event);
});
document.addEventListener("change", pressFor);
document.addEventListener("DOMContentLoaded", focusWrongs);
document.addEventListener("DOMContentLoaded", readyToScan);
document.addEventListener("focusin", readyToScan); // autofocus comes when it likes
document.addEventListener("htmx:afterSettle", focusWrongs);
window.addEventListener("pageshow", endBusy);
