/** Network coordinates: each node places itself among others by round trips to a few of them, and so knows them all. */
export { DIMENSIONS, distanceMs, estimate, isCoordinate, ORIGIN } from './coordinate.ts'
export { CoordinateEstimator } from './coordinate-estimator.ts'
export { NeighbourSet, type Neighbour, type NeighbourOptions } from './neighbour-set.ts'
export { NearestSearch, type NearestCandidate } from './nearest-search.ts'
