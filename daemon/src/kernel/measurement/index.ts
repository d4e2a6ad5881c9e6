/** Measurement knows what the ways between nodes are like, at a cost that does not grow with the cloud (paper III.B.1). */
export { createMeasurement } from './measurement.ts'
export { serveMeasurement } from './calls.ts'
