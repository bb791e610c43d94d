// Names at the ends of lines: moved apart where the lines end close together.

/** Where names are written: as near as possible to where they are wanted, so far apart, from top to foot.
 *
 * What is wanted runs from the top down. Where there is too little room, the names reach beyond the top.
 */
export const spread = (wanted: readonly number[], apart: number, top: number, foot: number): number[] => {
  const places: number[] = [];
  for (const place of wanted) places.push(Math.max(place, places.length ? places[places.length - 1] + apart : top));
  let most = foot;
  for (let n = places.length - 1; n >= 0; n -= 1) {
    places[n] = Math.min(places[n], most);
    most = places[n] - apart;
  }
  return places;
};
