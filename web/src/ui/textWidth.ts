// How wide a text is on the page.

// How wide a text is, without asking the page to lay itself out.
export const widthOf = (() => {
  const paint = document.createElement("canvas").getContext("2d");
  const known = new Map();
  return (text, font) => {
    const key = `${font}|${text}`;
    if (!known.has(key)) {
      if (known.size > 5000) known.clear();
      paint.font = font;
      known.set(key, paint.measureText(text).width);
    }
    return known.get(key);
  };
})();
