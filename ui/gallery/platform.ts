/** The program around the page, in memory. */
export { program as platform } from '../tests/view/program';
