// Before anything is painted: the light this officer chose. A plain script, so that the page never flashes.

try {
  const kept = JSON.parse(localStorage.getItem("lanewatch-settings") ?? "{}");
  if (["dark", "dim", "light"].includes(kept.theme)) document.documentElement.dataset.theme = kept.theme;
} catch (problem) {
  console.warn("the chosen light is not known", problem);
}
