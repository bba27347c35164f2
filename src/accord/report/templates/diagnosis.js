"use strict";
(() => {
  const copied = async (text) => {
    try { await navigator.clipboard.writeText(text); return true; } catch { /* no permission, or an old browser */ }
    const area = document.createElement("textarea");
    area.value = text; area.style.position = "fixed"; area.style.opacity = "0";
    document.body.append(area); area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  };
  for (const button of document.querySelectorAll(".copy")) {
    button.addEventListener("click", async () => {
      const done = await copied(button.parentElement.querySelector("code").textContent);
      button.textContent = done ? "copied" : "select and copy";
      setTimeout(() => { button.textContent = "copy"; }, 1600);
    });
  }
  const open = () => { const at = document.getElementById(location.hash.slice(1)); if (at?.tagName === "DETAILS") at.open = true; };
  addEventListener("hashchange", open); open();
})();
