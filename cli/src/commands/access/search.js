
addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("#search"), field = form.querySelector("[type=search]"), output = form.querySelector("output");
  const boxes = [...form.querySelectorAll("[type=checkbox]")];
  const rows = [...document.querySelectorAll("tr[data-effect]")];
  let texts;

  const show = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const hidden = new Set(boxes.filter(box => !box.checked).map(box => box.value));
    texts ??= rows.map(row => row.textContent.toLowerCase());
    let count = 0;
    rows.forEach((row, place) => {
      const fits = !hidden.has(row.dataset.effect) && words.every(word => texts[place].includes(word));
      row.hidden = !fits;
      if (fits) count++;
    });
    output.textContent = count < rows.length ? `${count} of ${rows.length}` : "";
  };

  form.hidden = false;
  form.addEventListener("submit", event => event.preventDefault());
  form.addEventListener("input", show);
  show();
});
