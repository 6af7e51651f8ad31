// An animation: shapes in a plane, frame by frame, with a button and a slider below.
const kShapes = {
  line: shape => svg_node('line', {x1: shape[2], y1: -shape[3], x2: shape[4], y2: -shape[5],
                                   'stroke-width': 3, 'stroke-linecap': 'round', 'vector-effect': 'non-scaling-stroke'}),
  box: shape => svg_node('rect', {x: Math.min(shape[2], shape[4]), y: -Math.max(shape[3], shape[5]),
                                  width: Math.abs(shape[4] - shape[2]), height: Math.abs(shape[5] - shape[3])}),
  disc: shape => svg_node('circle', {cx: shape[2], cy: -shape[3], r: shape[4] - shape[2]}),
};
const kShapeKinds = ['line', 'box', 'disc'];
const kLengthMs = 8000;  // that a whole animation aims at, between these for a frame
const kShortestMs = 33;
const kLongestMs = 400;

function svg_node(name, attributes) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

function shape_nodes(shapes) {
  return shapes.map(shape => {
    const node = kShapes[kShapeKinds[shape[0]]](shape);
    node.setAttribute(shape[0] === 0 ? 'stroke' : 'fill', `var(--${shape[1]})`);
    return node;
  });
}

function draw_animation(chart, place) {
  const svg = svg_node('svg', {viewBox: [chart.left, -chart.top, chart.right - chart.left, chart.top - chart.bottom].join(' '),
                               class: 'stage'});
  const moving = svg_node('g', {});
  svg.append(...shape_nodes(chart.ground), moving);
  const button = document.createElement('button');
  const slider = Object.assign(document.createElement('input'), {type: 'range', min: 0, max: chart.frames.length - 1, value: 0});
  slider.setAttribute('aria-label', 'step');
  const caption = document.createElement('output');
  const bar = document.createElement('div');
  bar.className = 'player';
  bar.append(button, slider, caption);
  place.append(svg, bar);

  const last = chart.frames.length - 1;
  const pause_ms = Math.min(kLongestMs, Math.max(kShortestMs, kLengthMs / chart.frames.length));
  let shown = 0;
  let timer = null;
  const show = frame => {
    shown = frame;
    moving.replaceChildren(...shape_nodes(chart.frames[frame]));
    slider.value = frame;
    caption.textContent = chart.captions[frame];
  };
  const stop = () => {
    clearInterval(timer);
    timer = null;
    button.textContent = '▶';
    button.setAttribute('aria-label', 'play');
  };
  const play = () => {
    if (shown === last) show(0);
    button.textContent = '⏸';
    button.setAttribute('aria-label', 'pause');
    timer = setInterval(() => shown < last ? show(shown + 1) : stop(), pause_ms);
  };
  button.addEventListener('click', () => timer === null ? play() : stop());
  slider.addEventListener('input', () => {
    stop();
    show(+slider.value);
  });
  stop();
  show(0);
  return null;
}
