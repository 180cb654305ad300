import * as z from 'zod/mini';

/** Nobody types a longer one, and each key looks through the whole list. */
export const MAX_QUERY_CHARACTERS = 200;

/** What a list is searched for. */
export const querySchema = z.string().check(z.maxLength(MAX_QUERY_CHARACTERS));
