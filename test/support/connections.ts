import dns from 'node:dns';
import promises from 'node:dns/promises';

export interface Connections {
  /** Names that were looked up, in order. */
  names: string[];
  stop(): void;
}

/** Writes down every name that this process looks up, until it is stopped. */
export function recordConnections(): Connections {
  const names: string[] = [];
  const kept = { lookup: dns.lookup, promised: promises.lookup };
  const noting = <Lookup extends (name: string, ...rest: never[]) => unknown>(lookup: Lookup): Lookup =>
    ((name: string, ...rest: never[]) => {
      names.push(name);
      return lookup(name, ...rest);
    }) as Lookup;
  dns.lookup = Object.assign(noting(kept.lookup as never), kept.lookup);
  promises.lookup = noting(kept.promised as never);
  return {
    names,
    stop() {
      dns.lookup = kept.lookup;
      promises.lookup = kept.promised;
    },
  };
}
