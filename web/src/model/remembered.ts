// What is asked for at every drawing, and seldom comes out differently.

/** A function that keeps its last answers, as many as it is told, for when it is asked the same again. */
export const remembered = <Asked extends readonly unknown[], Found>(
  find: (...asked: Asked) => Found,
  most = 1,
): ((...asked: Asked) => Found) => {
  let kept: { asked: Asked; found: Found }[] = [];
  return (...asked) => {
    const isSame = (one: { asked: Asked }) => one.asked.every((part, place) => Object.is(part, asked[place]));
    const last = kept.find(isSame) ?? { asked, found: find(...asked) };
    kept = [last, ...kept.filter((one) => one !== last)].slice(0, most);
    return last.found;
  };
};
