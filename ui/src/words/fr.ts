/** All that is said in this language, in one piece: it is fetched when somebody speaks it. */
export default import.meta.glob<string>('./fr/*.ftl', {
  query: '?raw',
  import: 'default',
  eager: true,
});
