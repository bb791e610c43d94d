/** A value that must be there by now. */
export const there = <T>(value: T | null | undefined): T => {
  if (value === null || value === undefined) throw new Error("nothing is there yet");
  return value;
};
