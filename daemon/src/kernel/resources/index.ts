/**
 * Resources knows who is in the cloud and what they have: roughly, cheaply, and with the age of every fact (paper
 * III.B.1).
 */
export { createResources } from './resources.ts'
export { Finder } from './find/finder.ts'
export { serveResources } from './calls.ts'
