// What is wrong with the page as it is laid out now: an array of sentences.
(() => {
  const wrong = [];
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) wrong.push(`the page is ${root.scrollWidth} wide`);

  const isShown = element => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && getComputedStyle(element).display !== "none";
  };
  for (const element of document.querySelectorAll("body *")) {
    const box = element.getBoundingClientRect();
    if (!isShown(element) || element.closest(".scroll, .unseen")) continue;
    if (box.right > innerWidth + 0.5 || box.left < -0.5)
      wrong.push(`${element.tagName} “${element.textContent.slice(0, 40)}” is cut off`);
  }

  for (const drawing of document.querySelectorAll("svg.drawing")) {
    const name = drawing.getAttribute("aria-label");
    if (!name) wrong.push("a drawing has no label");
    const marks = [...drawing.querySelectorAll("rect:not(.hint)")].filter(isShown);
    if (marks.length === 0) wrong.push(`no marks: ${name}`);
    if (drawing.querySelectorAll("title").length === 0) wrong.push(`no hints: ${name}`);
    if (![...drawing.querySelectorAll("text")].some(isShown)) wrong.push(`no axis: ${name}`);
    if (!drawing.closest("figure").querySelector("table caption"))
      wrong.push(`no table: ${name}`);
  }
  for (const drawing of document.querySelectorAll(".plot")) {
    const texts = [...drawing.querySelectorAll("text")].filter(isShown);
    texts.forEach((text, index) => texts.slice(index + 1).forEach(other => {
      const a = text.getBoundingClientRect(), b = other.getBoundingClientRect();
      if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 4
          && b.top < a.bottom - 4)
        wrong.push(`“${text.textContent}” lies over “${other.textContent}”`);
    }));
  }
  for (const table of document.querySelectorAll("table")) {
    if (!table.caption) wrong.push("a table has no caption");
    for (const cell of table.querySelectorAll("th"))
      if (!cell.scope) wrong.push(`“${cell.textContent}” has no scope`);
  }

  // WCAG 2: how much lighter one colour is than another.
  const luminance = colour => {
    const [red, green, blue] = colour.match(/[\d.]+/g).slice(0, 3).map(part => {
      const value = part / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const paper = element => {
    for (let each = element; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor;
      if (colour !== "rgba(0, 0, 0, 0)") return colour;
    }
    return "rgb(255, 255, 255)";
  };
  for (const element of document.querySelectorAll("body *")) {
    const style = getComputedStyle(element);
    const hasText = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    if (!isShown(element) || !hasText || element.closest("title")) continue;
    const colour = element.tagName === "text" ? style.fill : style.color;
    const found = contrast(colour, paper(element));
    if (found < 4.5) wrong.push(`“${element.textContent.slice(0, 40)}” has contrast ${found}`);
  }
  for (const mark of document.querySelectorAll(
    "rect.p50, rect.stall, rect.degraded, rect.slow, .drawing rect.bar")) {
    const found = contrast(getComputedStyle(mark).fill, paper(mark));
    if (found < 3) wrong.push(`a mark (${mark.getAttribute("class")}) has contrast ${found}`);
  }
  return [...new Set(wrong)];
})()
