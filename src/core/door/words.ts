/** What stands in the place of an answer that nobody will give. */
export const DECIDE_YOURSELF = 'Nobody will answer this: decide by yourself, and say in your result how.';
/** What an asker does that is not answered in time. */
export const END_NOW =
  'No answer yet. End your turn now with what you have; you go on here as soon as the answer has come.';
