/** A run as one page: what was done to the cloud, how it fared, and what did not hold. */
export { renderReport } from './render.ts'
