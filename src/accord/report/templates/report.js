"use strict";
(() => {
  const root = document.documentElement, tip = document.getElementById("tip");
  const asked = new URLSearchParams(location.search).get("theme");
  if (asked === "dark" || asked === "light") root.dataset.theme = asked;
  document.getElementById("theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });
  const closed = () => document.querySelectorAll("details:not([open]):not(.values)");
  let opened = [];
  window.addEventListener("beforeprint", () => { opened = [...closed()]; opened.forEach((d) => { d.open = true; }); });
  window.addEventListener("afterprint", () => { opened.forEach((d) => { d.open = false; }); });
  const [W, L, R] = [460, 52, 12];
  const told = (v) => Math.abs(v) >= 1000 ? v.toLocaleString("en", { maximumFractionDigits: 0 }) : Number(v.toPrecision(4)).toString();
  for (const svg of document.querySelectorAll("svg[data-lines]")) {
    const plot = JSON.parse(svg.dataset.plot), cursor = svg.querySelector(".cursor"), [low, high] = plot.x;
    const lines = JSON.parse(svg.dataset.lines).filter((line) => line.x.length);
    if (!lines.length) continue;
    let at = 0;
    const place = (x) => (plot.ticks ?? []).find(([v]) => Math.abs(v - x) < 1e-9)?.[1] ?? told(x);
    const nearest = (line, x) => line.x.reduce((best, v, i) => Math.abs(v - x) < Math.abs(line.x[best] - x) ? i : best, 0);
    const show = (x, left, top) => {
      at = nearest(lines[0], x);
      const shown = lines[0].x[at], px = L + (shown - low) / (high - low) * (W - L - R);
      const rows = lines.map((line) => `${line.name}: ${told(line.y[nearest(line, x)])}`);
      cursor.setAttribute("x1", px); cursor.setAttribute("x2", px); cursor.style.visibility = "visible";
      tip.textContent = `${plot.xt} ${place(shown)}\n${rows.join("\n")}`;
      tip.style.visibility = "visible";
      const box = svg.getBoundingClientRect();
      tip.style.left = `${Math.max(4, Math.min((left ?? box.left + px / W * box.width) + 14, innerWidth - tip.offsetWidth - 8))}px`;
      tip.style.top = `${(top ?? box.top + 20) + 14}px`;
    };
    const hide = () => { tip.style.visibility = cursor.style.visibility = "hidden"; };
    svg.addEventListener("pointermove", (event) => {
      const box = svg.getBoundingClientRect();
      show(low + ((event.clientX - box.left) / box.width * W - L) / (W - L - R) * (high - low), event.clientX, event.clientY);
    });
    svg.addEventListener("pointerleave", hide);
    svg.addEventListener("blur", hide);
    svg.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (event.key === "Escape") hide();
      if (!by) return;
      event.preventDefault();
      show(lines[0].x[Math.max(0, Math.min(lines[0].x.length - 1, at + by))]);
    });
  }
})();
