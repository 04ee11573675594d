/** Tasks outside of the roadmap stand behind all others. Positions of the roadmap's end far below: it may have 1 MiB. */
export const FIRST_AD_HOC_POSITION = 1_000_000;
