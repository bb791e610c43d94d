// What is asked for at every drawing, and seldom comes out differently.

/** A function that keeps its last answer, for as long as it is asked the same. */
export const remembered = <Asked extends readonly unknown[], Found>(
  find: (...asked: Asked) => Found,
): ((...asked: Asked) => Found) => {
  let last: { asked: Asked; found: Found } | null = null;
  return (...asked) => {
    if (!last?.asked.every((one, place) => Object.is(one, asked[place]))) last = { asked, found: find(...asked) };
    return last.found;
  };
};
