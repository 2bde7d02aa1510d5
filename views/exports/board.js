(() => {
  const given = JSON.parse(document.getElementById("given").textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const views = new Map();
  const draw = async () => {
    const look = dark.matches ? "dark" : "light";
    for (const [name, spec] of Object.entries(given.charts)) {
      const place = document.getElementById("chart-" + name);
      views.get(name)?.finalize();
      try {
        views.set(name, await vegaEmbed(place, structuredClone(spec), {
          mode: "vega-lite", ast: true, actions: false, defaultStyle: false,
          config: given.looks[look], tooltip: { theme: look },
        }));
      } catch (error) {
        place.textContent = "This chart could not be drawn: " + error.message;
      }
    }
    document.documentElement.dataset.drawn = look;
  };
  dark.addEventListener("change", draw);
  draw();
})();
