// Keys for the bench; it works without them. Single keys can be switched off (WCAG 2.1.4) and rest while one types.
// What a scanner types is heard wherever the focus is: letters and digits go to the scan field, but for a condition's
// letter alone. A second character right after it makes it a code, so that no waybill (SF…) chooses a condition.

const OFF = "bench-keys-off";
const A_BURST_MS = 120;
const panel = document.querySelector("[data-keys]");
const scan = document.getElementById("code");
const grading = document.querySelector("[data-grading]");
let letter = "";
let pressed = 0;
let waiting;

function isTyping(target) {
  return target.matches("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]");
}

function isCondition(key) {
  return grading && !localStorage.getItem(OFF) && /^[abcdsx]$/i.test(key);
}

function chooseCondition() {
  clearTimeout(waiting);
  const radio = grading.querySelector(`input[name=grade][value="${letter.toUpperCase()}"]`);
  letter = "";
  if (!radio || radio.disabled) return false;
  radio.checked = true;
  radio.focus();
  return true;
}

// The key that is going down now is typed into the field by the browser.
function hear(before) {
  clearTimeout(waiting);
  letter = "";
  scan.value = before;
  scan.focus();
}

function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || isTyping(event.target)) return;
  if (event.key === "Enter" && letter) {
    event.preventDefault();
    if (chooseCondition()) grading.requestSubmit(grading.querySelector("button[name=do]"));
  } else if (event.key === "/" && !localStorage.getItem(OFF)) {
    event.preventDefault();
    scan.focus();
    scan.select();
  } else if (/^[0-9a-z]$/i.test(event.key)) {
    if (letter && performance.now() - pressed < A_BURST_MS) return hear(letter);
    if (!isCondition(event.key)) return hear("");
    letter = event.key;
    pressed = performance.now();
    clearTimeout(waiting);
    waiting = setTimeout(chooseCondition, A_BURST_MS);
  }
}

function show() {
  const button = panel.querySelector("button");
  button.textContent = localStorage.getItem(OFF) ? button.dataset.on : button.dataset.off;
}

function toggle() {
  if (localStorage.getItem(OFF)) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "1");
  show();
}

if (panel) {
  panel.hidden = false;
  panel.querySelector("button").addEventListener("click", toggle);
  document.addEventListener("keydown", onKey);
  const first = document.querySelector("[data-first]");
  if (first) first.focus({ preventScroll: true });
  show();
}
