/** MT19937: Matsumoto and Nishimura 1998, "Mersenne Twister", table II and section 2. The generator behind torch's CPU draws. */

const SIZE = 624;
const MIDDLE = 397;
const TWIST = 0x9908b0df;

export interface MersenneTwister {
  /** The next word, 0 … 2³² − 1. */
  next(): number;
  /** Leaves out that many words. */
  skip(words: number): void;
  /** Another one that stands where this one does. */
  copy(): MersenneTwister;
}

/** Seeded with one 32-bit word, by Knuth's multiplier (the authors' initialisation of 2002). */
export function mersenneTwister(seed: number): MersenneTwister {
  const state = new Uint32Array(SIZE);
  state[0] = seed;
  for (let i = 1; i < SIZE; i++) state[i] = Math.imul(1812433253, state[i - 1] ^ (state[i - 1] >>> 30)) + i;
  return twisterAt(state, SIZE);
}

function twisterAt(state: Uint32Array, start: number): MersenneTwister {
  let position = start;

  function twist(): void {
    for (let i = 0; i < SIZE; i++) {
      const y = (state[i] & 0x80000000) | (state[(i + 1) % SIZE] & 0x7fffffff);
      state[i] = state[(i + MIDDLE) % SIZE] ^ (y >>> 1) ^ (y & 1 ? TWIST : 0);
    }
    position = 0;
  }

  return {
    next() {
      if (position === SIZE) twist();
      let y = state[position++];
      y ^= y >>> 11;
      y ^= (y << 7) & 0x9d2c5680;
      y ^= (y << 15) & 0xefc60000;
      y ^= y >>> 18;
      return y >>> 0;
    },
    skip(words) {
      position += words;
      while (position > SIZE) {
        const rest = position - SIZE;
        twist();
        position = rest;
      }
    },
    copy: () => twisterAt(state.slice(), position),
  };
}
