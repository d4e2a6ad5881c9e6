import type { PAGE_BYTES as AGREED } from '@welkin/interface'

/** As agreed; said once more, since a worker that loads the whole of the contracts takes twice as long to start. */
export const PAGE_BYTES: typeof AGREED = 65_536
