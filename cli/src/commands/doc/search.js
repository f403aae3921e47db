
addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("#search"), field = form.querySelector("input"), output = form.querySelector("output");
  const entries = [...document.querySelectorAll(".entry")];
  const parts = [...document.querySelectorAll(".part, .wide")].filter(part => part.querySelector(".entry"));
  const links = [...document.querySelectorAll("nav a")].map(link => [link.closest("li"), document.getElementById(link.hash.slice(1))]);
  let texts;

  const show = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    texts ??= entries.map(entry => entry.textContent.toLowerCase());
    const shown = new Set();
    let count = 0;
    entries.forEach((entry, place) => {
      const fits = words.every(word => texts[place].includes(word));
      entry.hidden = !fits;
      if (!fits) return;
      count++;
      for (let part = entry; part && !shown.has(part); part = part.parentElement) shown.add(part);
    });
    for (const part of parts) part.hidden = !shown.has(part);
    for (const [item, target] of links) item.hidden = words.length > 0 && !shown.has(target);
    document.body.classList.toggle("searched", words.length > 0);
    output.textContent = words.length > 0 ? `${count} of ${entries.length}` : "";
  };
  const clear = () => {
    field.value = "";
    show();
  };
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target?.closest("[hidden]")) return;
    clear();
    target.scrollIntoView();
  };

  form.hidden = false;
  form.addEventListener("submit", event => event.preventDefault());
  field.addEventListener("input", show);
  addEventListener("hashchange", reveal);
  addEventListener("keydown", event => {
    if (event.key === "/" && event.target !== field && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      field.focus();
      field.select();
    } else if (event.key === "Escape" && event.target === field) {
      clear();
      field.blur();
    }
  });
  field.value = new URLSearchParams(location.search).get("q") ?? "";
  if (field.value) show();
  // A narrow screen shows the page first.
  if (matchMedia("(max-width: 60rem)").matches) document.querySelector("nav details").open = false;
});
