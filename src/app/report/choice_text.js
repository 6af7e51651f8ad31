// A text coloured in one of several ways: the one chosen above it.
function colour_by_choice(figure) {
  const shares = JSON.parse(figure.dataset.shares);
  const pieces = figure.querySelectorAll('pre span');
  const label = figure.querySelector('label');
  const select = label.querySelector('select');
  const colour = () => shares[select.selectedIndex].forEach((share, k) => {
    pieces[k].className = share < 0 ? 'below' : 'above';
    pieces[k].style.setProperty('--share', `${Math.abs(share)}%`);
    pieces[k].title = (share / 100).toFixed(2);
  });
  select.addEventListener('change', colour);
  colour();  // a browser may remember what was chosen before the page was loaded anew
  label.hidden = false;
}
document.querySelectorAll('figure.choice').forEach(colour_by_choice);
