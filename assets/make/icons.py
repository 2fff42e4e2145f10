"""Draw the favicon and the logo. Run: python -m assets.make.icons (needs Pillow, which Streamlit brings)."""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

OUT = Path(__file__).resolve().parents[1] / "icons"
TEAL, PAPER = "#0B6B70", "#FFFFFF"
# A balance whose right side weighs more: three rising bars on a tile, the last one a full step above the others.
BARS = ((7, 17, 11, 25), (14, 13, 18, 25), (21, 7, 25, 25))
FONT = Path(__file__).resolve().parents[1] / "fonts" / "inter-latin.woff2"


def favicon(size: int = 64, over: int = 4) -> Image.Image:
    """Return the tile as a picture, drawn large and scaled down for smooth edges."""
    scale = size * over / 32
    picture = Image.new("RGBA", (size * over, size * over))
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((0, 0, size * over - 1, size * over - 1), radius=8 * scale, fill=TEAL)
    for box in BARS:
        draw.rounded_rectangle([edge * scale for edge in box], radius=1.5 * scale, fill=PAPER)
    return picture.resize((size, size), Image.Resampling.LANCZOS)


def logo(colour: str, height: int = 32, over: int = 3) -> Image.Image:
    """Return tile and name as one picture, three times as large as it is shown."""
    font = ImageFont.truetype(str(FONT), 21 * over)
    font.set_variation_by_axes([680])
    width = 42 * over + round(font.getlength("Tuneworth")) + 2 * over
    picture = Image.new("RGBA", (width, height * over))
    picture.paste(favicon(height * over), (0, 0))
    ImageDraw.Draw(picture).text((42 * over, height * over / 2), "Tuneworth", font=font, fill=colour, anchor="lm")
    return picture


def main() -> None:
    """Write all icon files."""
    OUT.mkdir(exist_ok=True)
    favicon().save(OUT / "favicon.png", optimize=True)
    logo("#1B2426").save(OUT / "logo-light.png", optimize=True)
    logo("#E6ECED").save(OUT / "logo-dark.png", optimize=True)


if __name__ == "__main__":
    main()
