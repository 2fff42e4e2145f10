"""Draw the favicon and the logo. Run: python -m assets.make.icons (needs Pillow, which Streamlit brings)."""

from pathlib import Path

from PIL import Image, ImageDraw

OUT = Path(__file__).resolve().parents[1] / "icons"
TEAL, PAPER = "#0B6B70", "#FFFFFF"
# A balance whose right side weighs more: three rising bars on a tile, the last one a full step above the others.
BARS = ((7, 17, 11, 25), (14, 13, 18, 25), (21, 7, 25, 25))
MARK = '<rect width="32" height="32" rx="8" fill="#0B6B70"/>' + "".join(
    f'<rect x="{x0}" y="{y0}" width="{x1 - x0}" height="{y1 - y0}" rx="1.5" fill="#FFFFFF"/>' for x0, y0, x1, y1 in BARS
)


def favicon(size: int = 64, over: int = 4) -> Image.Image:
    """Return the tile as a picture, drawn large and scaled down for smooth edges."""
    scale = size * over / 32
    picture = Image.new("RGBA", (size * over, size * over))
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((0, 0, size * over - 1, size * over - 1), radius=8 * scale, fill=TEAL)
    for box in BARS:
        draw.rounded_rectangle([edge * scale for edge in box], radius=1.5 * scale, fill=PAPER)
    return picture.resize((size, size), Image.Resampling.LANCZOS)


def logo(colour: str) -> str:
    """Return tile and name as SVG. The name is text in a system font: no font file is needed inside the picture."""
    name = (
        '<text x="42" y="23" font-family="Inter, system-ui, -apple-system, Segoe UI, sans-serif" font-size="20" '
        f'font-weight="650" letter-spacing="-0.3" fill="{colour}">Tuneworth</text>'
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="150" height="32" viewBox="0 0 150 32">{MARK}{name}</svg>\n'


def main() -> None:
    """Write all icon files."""
    OUT.mkdir(exist_ok=True)
    favicon().save(OUT / "favicon.png", optimize=True)
    (OUT / "logo-light.svg").write_text(logo("#1B2426"), encoding="utf-8")
    (OUT / "logo-dark.svg").write_text(logo("#E6ECED"), encoding="utf-8")


if __name__ == "__main__":
    main()
