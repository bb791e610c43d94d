// float16, in which checkpoints keep their weights. Float16Array is not in every browser yet.

const [SMALLEST_NORMAL, STEP] = [2 ** -14, 2 ** -24];
const ROUNDED_AWAY = 65_520; // from here on the nearest float16 is infinity

const single = new Float32Array(1);
const bits = new Uint32Array(single.buffer);

/** The nearest float16 to a number, as its bits; of two that are as near, the even one. */
export const halfBits = (value: number): number => {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (size >= ROUNDED_AWAY) return sign | 0x7c00;
  if (size < SMALLEST_NORMAL) return sign | nearestEven(size / STEP);
  single[0] = size;
  const exponent = (bits[0] >>> 23) - 127;
  return sign | ((((exponent + 15) << 10) - 1024 + nearestEven(size / 2 ** (exponent - 10))) & 0x7fff);
};

/** The nearest whole number; of two that are as near, the even one, as in Python. */
export const nearestEven = (value: number): number => {
  const whole = Math.floor(value);
  const rest = value - whole;
  return rest > 0.5 || (rest === 0.5 && whole % 2 === 1) ? whole + 1 : whole;
};

/** A float16's number from its bits. */
export const halfFrom = (half: number): number => {
  const sign = half & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(half >>> 10) & 31, half & 1023];
  if (exponent === 0) return sign * fraction * STEP;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
};

/** A number as a checkpoint keeps it. */
export const rounded = (value: number): number => halfFrom(halfBits(value));
