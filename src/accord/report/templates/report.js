"use strict";
(() => {
  const root = document.documentElement, tip = document.getElementById("tip");
  const asked = new URLSearchParams(location.search).get("theme");
  if (asked === "dark" || asked === "light") root.dataset.theme = asked;
  document.getElementById("theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });
  window.addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((d) => { d.open = true; }));
  const [W, L, R] = [460, 52, 12];
  const told = (v) => Math.abs(v) >= 1000 ? v.toLocaleString("en", { maximumFractionDigits: 0 }) : Number(v.toPrecision(4)).toString();
  for (const svg of document.querySelectorAll("svg[data-lines]")) {
    const plot = JSON.parse(svg.dataset.plot), lines = JSON.parse(svg.dataset.lines);
    const cursor = svg.querySelector(".cursor");
    svg.addEventListener("pointermove", (event) => {
      const box = svg.getBoundingClientRect();
      const at = (event.clientX - box.left) / box.width * W;
      const [low, high] = plot.x, x = low + (at - L) / (W - L - R) * (high - low);
      const rows = [];
      let shown = x;
      for (const line of lines) {
        let best = 0;
        line.x.forEach((v, i) => { if (Math.abs(v - x) < Math.abs(line.x[best] - x)) best = i; });
        if (!line.x.length) continue;
        if (!rows.length) shown = line.x[best];
        rows.push(`${line.name}: ${told(line.y[best])}`);
      }
      const px = L + (shown - low) / (high - low) * (W - L - R);
      cursor.setAttribute("x1", px); cursor.setAttribute("x2", px); cursor.style.visibility = "visible";
      tip.textContent = `${plot.xt} ${told(shown)}\n${rows.join("\n")}`;
      tip.style.visibility = "visible";
      const left = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8);
      tip.style.left = `${Math.max(4, left)}px`; tip.style.top = `${event.clientY + 14}px`;
    });
    svg.addEventListener("pointerleave", () => { tip.style.visibility = cursor.style.visibility = "hidden"; });
  }
})();
