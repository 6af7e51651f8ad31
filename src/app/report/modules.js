// Vega's modules are written for require(); here it is, for modules that lie in this same script.
const kModules = {};

function require_module(name) {
  if (!(name in kModules)) throw new Error(`No module ${name} in this page`);
  return kModules[name];
}

function define_module(name, body) {
  const module = {exports: {}};
  body(module.exports, name => require_module(name === 'vega-selections' ? 'vega-selection' : name), module);
  kModules[name] = module.exports;
}
