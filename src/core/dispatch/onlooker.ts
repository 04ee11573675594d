/** A person who looks on while a run works, and may act on it. */
export interface Onlooker {
  isThere(): boolean;
  /** Calls the listener whenever the person comes or goes; returns what ends that. */
  onChange(listener: () => void): () => void;
}
