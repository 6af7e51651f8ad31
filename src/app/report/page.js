// Turns the charts of this page, plain data in #charts, into Vega specifications and draws them as SVG.
// Colours are CSS variables, so the dark scheme and print need no redrawing.
'use strict';

const vega = load_vega();
const data = JSON.parse(document.getElementById('charts').textContent);
const tooltip = document.getElementById('tooltip');
const kFont = getComputedStyle(document.body).fontFamily;
const kConfig = {
  background: null,
  font: kFont,
  axis: {
    domainColor: 'var(--quiet)', tickColor: 'var(--quiet)', gridColor: 'var(--rule)',
    labelColor: 'var(--soft)', titleColor: 'var(--soft)', labelFont: kFont, titleFont: kFont,
    labelFontSize: 12, titleFontSize: 12, titleFontWeight: 'normal', labelOverlap: true, labelPadding: 4,
  },
  legend: {labelColor: 'var(--soft)', titleColor: 'var(--soft)', labelFont: kFont, titleFont: kFont,
           labelFontSize: 11, titleFontSize: 12, titleFontWeight: 'normal'},
};

// Vega's modules register their transforms here; an expression is interpreted, never made into code.
function load_vega() {
  const names = ['vega-transforms', 'vega-view-transforms', 'vega-encode'];
  const transforms = require_module('vega-dataflow').transforms;
  names.forEach(name => Object.assign(transforms, require_module(name)));
  return {
    View: require_module('vega-view').View,
    parse: require_module('vega-parser').parse,
    interpreter: require_module('vega-interpreter').expressionInterpreter,
    scheme: require_module('vega-scale').scheme,
    number_format: require_module('vega-format').numberFormatDefaultLocale().format,
  };
}

// What a Vega spec says of a scale: d3's time axis for `time` (UTC), and so on.
function scale(name, axis, domain, more) {
  const type = {number: 'linear', whole: 'linear', log: 'log', time: 'utc'}[axis.scale];
  return Object.assign({name, type, domain, range: name === 'x' ? 'width' : 'height', zero: false}, more);
}

const kTimeFormat = {year: '%Y', quarter: '%b', month: '%b', week: '%e %b', date: '%e %b', day: '%e %b',
                     hours: '%H:%M', minutes: '%H:%M', seconds: '%H:%M:%S', milliseconds: '%S.%L s'};

// What an axis shows by its kind. A log axis gets powers of ten, over less than two also 2 and 5. Where all
// values are the same, that one is written out: an axis without extent would round it to 0 decimals.
function ticks(axis, values) {
  if (axis.scale === 'time') return {format: kTimeFormat};
  if (axis.scale === 'whole') return {format: ',d', tickMinStep: 1};
  if (axis.scale !== 'log') {
    const numbers = values.filter(Number.isFinite);
    const same = numbers.length > 0 && numbers.every(value => value === numbers[0]);
    return same ? {values: [numbers[0]], format: '~g'} : {};
  }
  const positive = values.filter(value => value > 0);
  const first = Math.floor(Math.log10(positive.reduce((a, b) => Math.min(a, b), Infinity)));
  const last = Math.ceil(Math.log10(positive.reduce((a, b) => Math.max(a, b), 0)));
  const steps = last - first >= 2 ? [1] : [1, 2, 5];
  const list = [];
  for (let power = first; power <= last; ++power) steps.forEach(step => list.push(Number(`${step}e${power}`)));
  return {values: list, format: '~g'};
}

function x_axis(axis) {
  return {orient: 'bottom', scale: 'x', title: axis.title, titleLimit: {signal: 'width'}, titlePadding: 6, labelFlush: true,
          tickCount: {signal: 'max(2, floor(width / 90))'}, ...ticks(axis, [])};
}

// The title stands level above the axis: easier to read than one turned on its side, and narrower.
function y_axis(axis, values) {
  return {orient: 'left', scale: 'y', title: axis.title, grid: true, domain: false, ticks: false, tickCount: 5,
          titleAngle: 0, titleAlign: 'left', titleAnchor: 'end', titleBaseline: 'bottom', titleX: 0, titleY: -8,
          titleLimit: {signal: 'width'},
          ...ticks(axis, values)};
}

function points_of(line) {
  return line.x.map((x, k) => ({x, y: line.y[k]}));
}

const kWhenDefined = field => ({signal: `isValid(datum.${field})`});
const kAt = (name, field) => ({scale: name, field});

function line_marks(line, name) {
  const colour = {value: `var(--${line.colour})`};
  const marks = [];
  if (line.stroke !== 'points') {
    marks.push({type: 'line', from: {data: name}, encode: {update: {
      x: kAt('x', 'x'), y: kAt('y', 'y'), stroke: colour, strokeWidth: {value: line.x.length > 800 ? 1 : 2}, strokeJoin: {value: 'round'},
      strokeDash: {value: line.stroke === 'dashed' ? [6, 4] : []}, defined: kWhenDefined('y')}}});
  }
  if (line.stroke === 'points' || line.stroke === 'solid_with_points') {
    const size = line.stroke === 'points' ? (line.x.length > 400 ? 5 : 16) : 26;
    marks.push({type: 'symbol', from: {data: name + '_points'}, encode: {update: {
      x: kAt('x', 'x'), y: kAt('y', 'y'), fill: colour, size: {value: size},
      fillOpacity: {value: line.stroke === 'points' ? 0.65 : 1}}}});
  }
  return marks;
}

function band_mark(band, name) {
  return {type: 'area', from: {data: name}, encode: {update: {
    x: kAt('x', 'x'), y: kAt('y', 'low'), y2: kAt('y', 'high'), fill: {value: `var(--${band.colour})`},
    fillOpacity: {value: 0.2}, defined: {signal: 'isValid(datum.low) && isValid(datum.high)'}}}};
}

function marker_mark() {
  return {type: 'rule', from: {data: 'markers'}, encode: {update: {
    x: kAt('x', 'x'), y: {value: 0}, y2: {signal: 'height'}, stroke: {value: 'var(--quiet)'},
    strokeWidth: {value: 1.5}, strokeDash: {value: [2, 3]}}}};
}

function line_chart(chart) {
  const sets = [{name: 'markers', values: chart.markers}];
  const marks = [];
  const x_fields = [{data: 'markers', field: 'x'}];
  const y_fields = [];
  chart.bands.forEach((band, k) => {
    const name = `band_${k}`;
    sets.push({name, values: band.x.map((x, t) => ({x, low: band.low[t], high: band.high[t]}))});
    marks.push(band_mark(band, name));
    x_fields.push({data: name, field: 'x'});
    y_fields.push({data: name, field: 'low'}, {data: name, field: 'high'});
  });
  chart.lines.forEach((line, k) => {
    const name = `line_${k}`;
    sets.push({name, values: points_of(line)});
    sets.push({name: name + '_points', source: name, transform: [{type: 'filter', expr: 'isValid(datum.y)'}]});
    marks.push(...line_marks(line, name));
    x_fields.push({data: name, field: 'x'});
    y_fields.push({data: name, field: 'y'});
  });
  const values = [...chart.lines.flatMap(line => line.y), ...chart.bands.flatMap(band => [...band.low, ...band.high])];
  const rule = {type: 'rule', encode: {update: {
    x: {signal: "focus === null ? 0 : scale('x', focus)"}, y: {value: 0}, y2: {signal: 'height'},
    stroke: {value: 'var(--quiet)'}, opacity: {signal: 'focus === null ? 0 : 1'}}}};
  return {
    signals: [{name: 'focus', value: null}],
    data: sets,
    scales: [scale('x', chart.x, {fields: x_fields}), scale('y', chart.y, {fields: y_fields}, {nice: true})],
    axes: [x_axis(chart.x), y_axis(chart.y, values)],
    marks: [marker_mark(), ...marks, rule],
  };
}

function bar_chart(chart) {
  const values = chart.heights.map((height, k) => ({from: chart.edges[k], to: chart.edges[k + 1], height}));
  return {
    data: [{name: 'bars', values}],
    scales: [
      scale('x', chart.x, {fields: [{data: 'bars', field: 'from'}, {data: 'bars', field: 'to'}]}),
      scale('y', chart.y, {data: 'bars', field: 'height'}, {zero: true, nice: true})],
    axes: [x_axis(chart.x), y_axis(chart.y, chart.heights)],
    marks: [{type: 'rect', from: {data: 'bars'}, encode: {update: {
      x: kAt('x', 'from'), x2: {scale: 'x', field: 'to', offset: -1}, y: kAt('y', 'height'), y2: {scale: 'y', value: 0},
      fill: {value: `var(--${chart.colour})`}, fillOpacity: {value: 0.85}}}}],
  };
}

const kRamps = {sequential: 'viridis', diverging: 'purpleorange'};

// One pixel a cell; the browser enlarges the picture without blurring it. Ten thousands of rectangles would be slow.
function heat_map_picture(chart) {
  const canvas = document.createElement('canvas');
  canvas.width = chart.columns.length;
  canvas.height = chart.rows;
  const context = canvas.getContext('2d');
  const colour = vega.scheme(kRamps[chart.ramp]);
  chart.values.forEach((value, k) => {
    if (value === null) return;
    const share = (value - chart.low) / (chart.high - chart.low);
    context.fillStyle = colour(Math.min(1, Math.max(0, share)));
    context.fillRect(k % canvas.width, Math.floor(k / canvas.width), 1, 1);
  });
  return canvas;
}

// Half a cell is added at both ends, so that a cell's middle stands at its position.
function cell_edges(chart) {
  const first = chart.columns[0];
  const last = chart.columns[chart.columns.length - 1];
  const half = chart.columns.length > 1 ? (last - first) / (chart.columns.length - 1) / 2 : 0.5;
  return [first - half, last + half];
}

// An axis of names in place of numbers, all of them if they can be read: small where there are many rows, every second
// or fourth one where there are more, aslant where long below.
function name_axis(axis, names, places, room) {
  if (names.length === 0) return axis;
  const crowded = room < 7;
  const aslant = axis.scale === 'x' && names.some(name => name.length > 2);
  return {...axis, values: places, tickCount: undefined, labelOverlap: crowded ? 'parity' : false, labelFlush: false,
          labelFontSize: crowded ? 9 : Math.min(11, room),
          ...(aslant ? {labelAngle: -50, labelAlign: 'right', labelBaseline: 'top'} : {}),
          encode: {labels: {update: {text: {signal: `${axis.scale}_names[datum.value]`}}}}};
}

const named = (names, places) => Object.fromEntries(names.map((name, k) => [places[k], name]));

function heat_map(chart) {
  const row_places = chart.row_names.map((name, k) => k + 1);
  return {
    signals: [{name: 'x_names', value: named(chart.column_names, chart.columns)},
              {name: 'y_names', value: named(chart.row_names, row_places)}],
    data: [{name: 'picture', values: [{image: heat_map_picture(chart)}]}],
    scales: [
      scale('x', chart.x, cell_edges(chart)),
      scale('y', chart.y, [0.5, chart.row_numbers + 0.5], {reverse: true}),
      {name: 'colour', type: 'linear', domain: [chart.low, chart.high], range: {scheme: kRamps[chart.ramp]}}],
    axes: [name_axis(x_axis(chart.x), chart.column_names, chart.columns, 11),
           name_axis({...y_axis(chart.y, []), grid: false}, chart.row_names, row_places,
                     (chart.wide ? 260 : 180) / chart.rows)],
    legends: [{fill: 'colour', orient: 'right', title: chart.value_title, gradientLength: {signal: 'height - 24'},
               gradientThickness: 10, tickCount: 4, offset: 10}],
    marks: [{type: 'image', from: {data: 'picture'}, encode: {update: {
      image: {field: 'image'}, x: {value: 0}, y: {value: 0}, width: {signal: 'width'}, height: {signal: 'height'},
      aspect: {value: false}, smooth: {value: false}}}}],
  };
}

function number_text(value) {
  if (value === null) return '–';
  const size = Math.abs(value);
  return vega.number_format(size >= 1000 ? ',.0f' : size >= 1 || size === 0 ? ',.4~g' : '.3~g')(value);
}

function x_text(axis, x) {
  if (axis.scale !== 'time') return `${axis.title}: ${number_text(x)}`;
  return new Date(x).toISOString().replace('T', ' ').replace(/(:00)?\.000Z$/, '').replace(/ 00:00$/, '');
}

// Index of the value nearest to x in an ascending list.
function nearest(list, x) {
  let low = 0;
  let high = list.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (list[middle] <= x) low = middle; else high = middle;
  }
  return Math.abs(list[low] - x) <= Math.abs(list[high] - x) ? low : high;
}

// Each reader says what stands below the pointer, at (x, y) in the units of the axes, or nothing.
const kReaders = {
  line(chart, x, y, view) {
    const curves = [...chart.lines, ...chart.bands].filter(curve => curve.x.length > 0);
    const candidates = curves.map(curve => curve.x[nearest(curve.x, x)]);
    const focus = candidates.reduce((best, value) => Math.abs(value - x) < Math.abs(best - x) ? value : best, Infinity);
    view.signal('focus', Number.isFinite(focus) ? focus : null).run();
    const rows = [];
    for (const curve of curves) {
      const k = nearest(curve.x, focus);
      if (curve.x[k] !== focus) continue;
      const text = curve.y ? number_text(curve.y[k]) : `${number_text(curve.low[k])} to ${number_text(curve.high[k])}`;
      rows.push(`${curve.name}: ${text}`);
    }
    return [x_text(chart.x, focus), ...rows].join('\n');
  },
  bar(chart, x) {
    const k = chart.edges.findLastIndex(edge => edge <= x);
    if (k < 0 || k >= chart.heights.length) return '';
    const range = `${number_text(chart.edges[k])} to ${number_text(chart.edges[k + 1])}`;
    return `${chart.x.title}: ${range}\n${chart.y.title}: ${number_text(chart.heights[k])}`;
  },
  heat_map(chart, x, y) {
    const row = Math.floor((y - 0.5) / chart.row_numbers * chart.rows);
    const column = nearest(chart.columns, x);
    if (row < 0 || row >= chart.rows) return '';
    const value = chart.values[row * chart.columns.length + column];
    const x_label = chart.column_names.length > 0 ? `${chart.x.title}: ${chart.column_names[column]}`
                                                  : x_text(chart.x, chart.columns[column]);
    return `${x_label}\n${chart.y.title}: ${chart.row_names[row] ?? Math.round(y)}\n` +
           `${chart.value_title}: ${number_text(value)}`;
  },
};

function hide_tooltip(view, chart) {
  tooltip.hidden = true;
  if (chart.kind === 'line') view.signal('focus', null).run();
}

function show_tooltip(view, chart, event) {
  const box = view.container().querySelector('svg').getBoundingClientRect();
  const [left, top] = view.origin();
  const x = event.clientX - box.left - left;
  const y = event.clientY - box.top - top;
  if (x < 0 || y < 0 || x > view.signal('width') || y > view.signal('height')) return hide_tooltip(view, chart);
  const text = kReaders[chart.kind](chart, +view.scale('x').invert(x), view.scale('y').invert(y), view);
  tooltip.hidden = text === '';
  tooltip.textContent = text;
  const after = event.clientX + 16 + tooltip.offsetWidth < innerWidth;
  tooltip.style.left = Math.max(4, after ? event.clientX + 16 : event.clientX - 16 - tooltip.offsetWidth) + 'px';
  tooltip.style.top = Math.max(4, Math.min(event.clientY + 12, innerHeight - tooltip.offsetHeight - 4)) + 'px';
}

const kMakers = {line: line_chart, bar: bar_chart, heat_map: heat_map};

function draw(chart, place) {
  if (chart.kind === 'animation') return draw_animation(chart, place);
  const spec = kMakers[chart.kind](chart);
  Object.assign(spec, {
    width: place.clientWidth, height: chart.wide ? 320 : 240, padding: {left: 0, right: 6, top: 4, bottom: 2},
    autosize: {type: 'fit', contains: 'padding', resize: true}});
  const view = new vega.View(vega.parse(spec, kConfig, {ast: true}), {
    expr: vega.interpreter, renderer: 'svg', container: place});
  view.run();
  place.addEventListener('pointermove', event => show_tooltip(view, chart, event));
  place.addEventListener('pointerdown', event => show_tooltip(view, chart, event));
  place.addEventListener('pointerleave', () => hide_tooltip(view, chart));
  new ResizeObserver(() => fit(view, place.clientWidth)).observe(place);
  return view;
}

// An animation fits by itself.
function fit(view, width) {
  if (view !== null && width > 0 && view.width() !== width) view.width(width).run();
}

const places = data.map((chart, k) => document.getElementById(`chart-${k}`));
const views = data.map((chart, k) => draw(chart, places[k]));

// Paper is narrower than most screens; charts drawn for its width keep their labels readable. In CSS pixels, for A4.
addEventListener('beforeprint', () => views.forEach((view, k) => fit(view, data[k].wide ? 680 : 326)));
addEventListener('afterprint', () => views.forEach((view, k) => fit(view, places[k].clientWidth)));
document.documentElement.dataset.drawn = views.length;
