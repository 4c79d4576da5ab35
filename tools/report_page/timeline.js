// SPDX-License-Identifier: Apache-2.0
// The timeline of a device on a canvas. The wheel zooms, a drag moves, a double click shows all. A span is
// [begin, cycles, name, color, depth], name and color by number. The address of the page may end in #BEGIN-END.
const ROW = 18, GAP = 6, LEFT = 84, AXIS = 20;

class Timeline {
  constructor(device, canvas) {
    this.device = device;
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.tip = document.getElementById("tip");
    this.showAll();
    const asked = /^#(\d+)-(\d+)$/.exec(location.hash);
    if (asked && Number(asked[1]) < Number(asked[2])) {
      [this.begin, this.end] = [Number(asked[1]), Number(asked[2])];
    }
    canvas.addEventListener("wheel", event => this.zoom(event), { passive: false });
    canvas.addEventListener("dblclick", () => { this.showAll(); this.draw(); });
    canvas.addEventListener("mousemove", event => this.move(event));
    canvas.addEventListener("mouseleave", () => { this.tip.style.display = "none"; });
    addEventListener("resize", () => this.draw());
    this.draw();
  }

  showAll() {
    [this.begin, this.end] = this.device.range;
  }

  timeAt(x) {
    return this.begin + (x - LEFT) / this.scale;
  }

  zoom(event) {
    event.preventDefault();
    const at = this.timeAt(event.offsetX), factor = Math.exp(event.deltaY / 400);
    const span = Math.max(20, (this.end - this.begin) * factor);
    this.begin = at - (event.offsetX - LEFT) / (this.canvas.clientWidth - LEFT) * span;
    this.end = this.begin + span;
    this.draw();
  }

  move(event) {
    if (event.buttons & 1) {
      const cycles = event.movementX / this.scale;
      this.begin -= cycles;
      this.end -= cycles;
      this.draw();
    }
    const found = this.spanAt(event.offsetX, event.offsetY);
    this.tip.style.display = found ? "block" : "none";
    if (found) {
      this.tip.textContent = `${this.device.names[found[2]]}\ncycle ${found[0]}, ${found[1]} cycles`;
      this.tip.style.left = Math.min(event.clientX + 12, innerWidth - 220) + "px";
      this.tip.style.top = event.clientY + 14 + "px";
    }
  }

  spanAt(x, y) {
    const time = this.timeAt(x);
    let top = AXIS;
    for (const track of this.device.tracks) {
      const depth = Math.floor((y - top) / ROW);
      if (depth >= 0 && depth < track.rows) {
        return track.spans.find(span => span[4] === depth && span[0] <= time && time < span[0] + span[1]);
      }
      top += track.rows * ROW + GAP;
    }
    return undefined;
  }

  draw() {
    const height = this.device.tracks.reduce((sum, track) => sum + track.rows * ROW + GAP, AXIS), ratio = devicePixelRatio;
    const width = this.canvas.parentElement.clientWidth - 2;
    this.canvas.style.width = width + "px";
    this.canvas.style.height = height + "px";
    this.canvas.width = width * ratio;
    this.canvas.height = height * ratio;
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.context.font = "11px system-ui, 'DejaVu Sans', sans-serif";
    this.context.textBaseline = "middle";
    this.scale = (width - LEFT) / (this.end - this.begin);
    this.drawAxis(width, height);
    let drawn = 0, top = AXIS;
    for (const track of this.device.tracks) {
      this.context.fillStyle = "#222";
      this.context.fillText(track.name, 4, top + ROW / 2);
      drawn += this.drawTrack(track, top, width);
      top += track.rows * ROW + GAP;
    }
    this.canvas.dataset.drawn = drawn;
  }

  drawAxis(width, height) {
    const least = 90 / this.scale, power = 10 ** Math.floor(Math.log10(least));
    const step = [1, 2, 5, 10].map(factor => factor * power).find(value => value >= least);
    this.context.fillStyle = "#666";
    for (let time = Math.ceil(this.begin / step) * step; time < this.end; time += step) {
      const x = LEFT + (time - this.begin) * this.scale;
      this.context.fillText(time.toLocaleString("en"), x + 3, AXIS / 2);
      this.context.fillRect(x, 0, .5, height);
    }
  }

  // Draws the visible spans and returns their number. Of spans that share a pixel only the first one is drawn.
  drawTrack(track, top, width) {
    const used = new Array(track.rows).fill(-1);
    let drawn = 0;
    for (const [begin, cycles, name, color, depth] of track.spans) {
      const from = Math.max(LEFT, LEFT + (begin - this.begin) * this.scale);
      const to = Math.min(width, LEFT + (begin + cycles - this.begin) * this.scale);
      if (to <= LEFT || from >= width || to <= used[depth]) {
        continue;
      }
      const y = top + depth * ROW, wide = Math.max(1, to - from - (to - from > 3 ? 1 : 0));
      used[depth] = from + 1;
      drawn++;
      this.context.fillStyle = this.device.colors[color];
      this.context.fillRect(from, y, wide, ROW - 2);
      const text = this.device.names[name];
      if (wide > 7 * text.length + 4) {
        this.context.fillStyle = "#111";
        this.context.fillText(text, from + 3, y + ROW / 2 - 1);
      }
    }
    return drawn;
  }
}

DEVICES.forEach((device, number) => new Timeline(device, document.getElementById(`timeline${number}`)));
