/** Placement decides where objects go; the node that it chooses has the last word (paper III.B.3). */
export { servePlacement } from './calls.ts'
export { chooseNodes } from './choose.ts'
