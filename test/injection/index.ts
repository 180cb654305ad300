import { PLACES } from './places';
import type { InjectionRow } from './row';
import { WAYS } from './ways';

export const INJECTIONS: readonly InjectionRow[] = [...PLACES, ...WAYS];
