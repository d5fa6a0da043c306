// Keys for the bench; it works without them. Single keys can be switched off (WCAG 2.1.4) and rest while one types.

const OFF = "bench-keys-off";
const panel = document.querySelector("[data-keys]");
const scan = document.getElementById("code");

function isTyping(target) {
  return target.matches("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]");
}

function chooseGrade(letter) {
  const radio = document.querySelector(`[data-grading] input[name=grade][value="${letter}"]`);
  if (!radio || radio.disabled) return false;
  radio.checked = true;
  radio.focus();
  return true;
}

function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || localStorage.getItem(OFF) || isTyping(event.target)) return;
  if (event.key === "/") {
    scan.focus();
    scan.select();
    event.preventDefault();
  } else if (/^[abcdsx]$/i.test(event.key) && chooseGrade(event.key.toUpperCase())) {
    event.preventDefault();
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
  show();
}
