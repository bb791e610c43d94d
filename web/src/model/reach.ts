// How far back three networks hear: from which power of ten to which their gradients reach, and what they say together.

import type { NetworkReach } from "../client/contract";

const HARDLY = 0.01; // below this share of the largest gradient, a word is hardly heard
const MORE = 10; // this many times as much is much more

/** What a network's gradient is at the first word, as a share of its largest one. */
export const firstShare = ({ norms }: NetworkReach): number => norms[0] / (Math.max(...norms) || 1);

/** Whether a network hardly hears how the text began. */
export const losesBeginning = (network: NetworkReach): boolean => firstShare(network) < HARDLY;

/** A sentence about three networks. */
export interface Conclusion {
  key: string;
  /** The network that it names. */
  network?: NetworkReach;
  /** How many times the smallest share the largest is. */
  times?: number;
  /** Whether the plain RNN hears most, which over many words is mostly the other way round. */
  short?: boolean;
}

/** From three networks' shares at the first word; null where the numbers say it all. */
export const conclusionOf = (networks: NetworkReach[]): Conclusion | null => {
  const ranked = networks
    .map((network) => ({ network, share: firstShare(network) }))
    .sort((one, other) => other.share - one.share);
  const heard = ranked.filter(({ share }) => share >= HARDLY).length;
  const [{ network: strong, share: most }, , { network: weak, share: least }] = ranked;
  const short = strong.cell === "rnn";
  if (heard === 0) return { key: "reach_none" };
  if (heard === 3) {
    if (most < MORE * least) return { key: "reach_near" };
    return { key: weak.cell === "rnn" ? "reach_weaker" : "reach_unlike", times: most / least, short };
  }
  if (ranked[heard - 1].share < MORE * ranked[heard].share) return null;
  if (heard === 1) return { key: "reach_only", network: strong, short };
  return weak.cell === "rnn" ? { key: "reach_vanished" } : { key: "reach_lost", network: weak };
};

/** The powers of ten between which all gradients lie, at least two apart. */
export interface Powers {
  high: number;
  low: number;
  /** Whether some gradient is exactly zero, which has no power of ten. */
  zeros: boolean;
}

export const powersOf = (networks: Pick<NetworkReach, "norms">[]): Powers => {
  const norms = networks.flatMap((network) => network.norms);
  const powers = norms.filter((norm) => norm > 0).map(Math.log10);
  const high = powers.length ? Math.ceil(Math.max(...powers)) : 0;
  const low = Math.min(high - 2, powers.length ? Math.floor(Math.min(...powers)) : high);
  return { high, low, zeros: norms.includes(0) };
};
