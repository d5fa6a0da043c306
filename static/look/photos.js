// Picked photos are shown before they are sent, each with advice where it is small, dark or blurred. Nothing is held
// back, and what this browser cannot open is looked at by the server, which measures the same (sandbox/photo.py).

const MEASURED = 512;

function showPicked(event) {
  const input = event.target;
  const list = input.closest && input.closest("[data-photos]");
  if (!list || input.type !== "file") return;
  for (const old of list.querySelectorAll("[data-preview]")) {
    URL.revokeObjectURL(old.querySelector("img").src);
    old.remove();
  }
  for (const file of input.files) {
    if (!file.type.startsWith("image/")) continue;
    const item = preview(file, list.dataset.photos);
    list.insertBefore(item, input.closest("li"));
    if (list.dataset.limits) advise(file, item, list);
  }
}

function preview(file, words) {
  const item = document.createElement("li");
  item.className = "photo";
  item.dataset.preview = "";
  const image = document.createElement("img");
  image.src = URL.createObjectURL(file);
  image.alt = file.name;
  item.append(image, said("quiet", words));
  return item;
}

function said(tone, words) {
  const line = document.createElement("span");
  line.className = tone;
  line.textContent = words;
  return line;
}

async function advise(file, item, list) {
  const seen = await measure(file).catch(() => null);
  if (!seen) return;
  const limits = JSON.parse(list.dataset.limits);
  const found = Object.keys(limits).find((name) => seen[name] < limits[name]);
  if (!found) return;
  item.append(said("late", list.dataset[found]));
  const status = list.parentElement.querySelector("[data-advice]");
  if (status) status.append(said("", `${file.name}: ${list.dataset[found]} `));
}

async function measure(file) {
  const bitmap = await createImageBitmap(file);
  const share = Math.min(1, MEASURED / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * share));
  canvas.height = Math.max(1, Math.round(bitmap.height * share));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const { light, sharp } = look(context.getImageData(0, 0, canvas.width, canvas.height));
  return { tiny: Math.min(bitmap.width, bitmap.height), dark: light, blurred: sharp };
}

function look({ data, width, height }) {
  const grey = new Float32Array(width * height);
  let sum = 0;
  for (let at = 0; at < grey.length; at += 1) {
    grey[at] = 0.299 * data[4 * at] + 0.587 * data[4 * at + 1] + 0.114 * data[4 * at + 2];
    sum += grey[at];
  }
  let edges = 0;
  let squares = 0;
  for (let y = 1; y < height - 1; y += 1) {
    for (let x = 1; x < width - 1; x += 1) {
      const at = y * width + x;
      const edge = grey[at - 1] + grey[at + 1] + grey[at - width] + grey[at + width] - 4 * grey[at];
      edges += edge;
      squares += edge * edge;
    }
  }
  const inside = Math.max(1, (width - 2) * (height - 2));
  return { light: sum / grey.length, sharp: squares / inside - (edges / inside) ** 2 };
}

document.addEventListener("change", showPicked);
