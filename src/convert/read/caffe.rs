//! Caffe's `.caffemodel`: a protocol buffer, of which the layers' blobs are read. (caffe.proto, BVLC)
//!
//! A layer's first blob is its weight, the second its bias. Old files give every blob four dimensions, the first of which may
//! be ones; these are removed as far as the kind of the layer requires. The file is walked through from field to field, and
//! elements stay where they are until they are needed.

use std::rc::Rc;

use anyhow::{Context, Result, bail, ensure};

use super::Official;
use super::elements::{Element, Stretch, count};
use super::file::{Cursor, ReadAt, bytes};
use super::listing::{Format, Found, LONGEST_NAME, Listing};

/// Where a kind of message has its fields, by their numbers.
#[derive(Clone, Copy)]
struct Fields {
    name: u64,
    kind: u64,
    blobs: u64,
}

/// `NetParameter.layers`: layers in the form that Caffe wrote until 2014, `V1LayerParameter`.
const OLD_LAYERS: u64 = 2;
const OLD: Fields = Fields { name: 4, kind: 5, blobs: 6 };
/// `NetParameter.layer`: layers in the form that Caffe has written since, `LayerParameter`.
const NEW_LAYERS: u64 = 100;
const NEW: Fields = Fields { name: 1, kind: 2, blobs: 7 };

/// The kind of a fully connected layer in the old form: `V1LayerParameter.LayerType.INNER_PRODUCT`.
const OLD_INNER_PRODUCT: u64 = 14;
/// The kind of a fully connected layer in the new form.
const INNER_PRODUCT: &[u8] = b"InnerProduct";

/// Most blobs of a file, and most dimensions of a blob.
const MOST_BLOBS: usize = 100_000;
const MOST_DIMENSIONS: usize = 8;

const ANOTHER: &str = "it is another format, damaged or cut short";

/// A field's content.
enum Field {
    Number(u64),
    /// Where it begins, and its length in bytes.
    Bytes(u64, u64),
    /// A number of four or eight bytes, which no field has that is read here.
    Fixed,
}

/// A part of the file that is a message.
struct Message {
    cursor: Cursor,
    end: u64,
}

impl Message {
    fn new(file: &Rc<dyn ReadAt>, start: u64, length: u64) -> Self {
        Self { cursor: Cursor::new(file, start), end: start + length }
    }

    /// The number of the next field, and what it holds; nothing at the message's end.
    fn field(&mut self) -> Result<Option<(u64, Field)>> {
        if self.cursor.position() == self.end {
            return Ok(None);
        }
        let tag = self.number()?;
        let field = match tag & 7 {
            0 => Field::Number(self.number()?),
            1 => self.skip(8).map(|_| Field::Fixed)?,
            2 => {
                let length = self.number()?;
                Field::Bytes(self.skip(length)?, length)
            }
            5 => self.skip(4).map(|_| Field::Fixed)?,
            _ => bail!(ANOTHER),
        };
        Ok(Some((tag >> 3, field)))
    }

    fn number(&mut self) -> Result<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            ensure!(self.cursor.position() < self.end, ANOTHER);
            let [byte] = self.cursor.array().context(ANOTHER)?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        bail!(ANOTHER)
    }

    fn skip(&mut self, length: u64) -> Result<u64> {
        let left = self.end - self.cursor.position();
        ensure!(length <= left, ANOTHER);
        self.cursor.skip(length).context(ANOTHER)
    }
}

/// Lists a file's tensors, as `<layer>.weight` and `<layer>.bias`.
///
/// # Errors
/// If the file is damaged or is not a Caffe file.
pub(super) fn read(file: &Rc<dyn ReadAt>) -> Result<Listing> {
    let mut listing = Listing::new(Format::Caffe);
    let mut net = Message::new(file, 0, file.length());
    let (mut old, mut new) = (Vec::new(), Vec::new());
    let mut blobs = 0;
    while let Some((number, field)) = net.field()? {
        let (fields, layers) = match number {
            OLD_LAYERS => (OLD, &mut old),
            NEW_LAYERS => (NEW, &mut new),
            _ => continue,
        };
        let Field::Bytes(start, length) = field else { bail!(ANOTHER) };
        let layer = Layer::read(file, Message::new(file, start, length), fields)?;
        blobs += layer.blobs.len();
        ensure!(blobs <= MOST_BLOBS, "it has more than {MOST_BLOBS} blobs, which no network needs");
        layers.push(layer);
    }
    for layer in old.into_iter().chain(new) {
        for (index, blob) in layer.blobs.into_iter().enumerate() {
            let (part, rank) = match index {
                0 => ("weight".to_string(), if layer.inner_product { 2 } else { 4 }),
                1 => ("bias".to_string(), 1),
                // No layer of this project has a third blob: the check against the graph names it as unknown.
                other => (format!("blob{other}"), 4),
            };
            listing.add(format!("{}.{part}", layer.name), blob.official(rank));
        }
    }
    Ok(listing)
}

/// A layer with its weight and bias.
struct Layer {
    name: String,
    inner_product: bool,
    blobs: Vec<Blob>,
}

impl Layer {
    fn read(file: &Rc<dyn ReadAt>, mut message: Message, fields: Fields) -> Result<Self> {
        let mut layer = Self { name: String::new(), inner_product: false, blobs: Vec::new() };
        while let Some((number, field)) = message.field()? {
            match field {
                Field::Bytes(start, length) if number == fields.name => {
                    ensure!(length <= LONGEST_NAME as u64, "a layer's name has {length} bytes");
                    layer.name = String::from_utf8(bytes(&**file, start, length)?).context(ANOTHER)?;
                }
                Field::Bytes(start, length) if number == fields.kind => {
                    layer.inner_product =
                        length == INNER_PRODUCT.len() as u64 && bytes(&**file, start, length)? == INNER_PRODUCT;
                }
                Field::Number(kind) if number == fields.kind => layer.inner_product = kind == OLD_INNER_PRODUCT,
                Field::Bytes(start, length) if number == fields.blobs => {
                    layer.blobs.push(Blob::read(file, Message::new(file, start, length))?);
                    ensure!(
                        layer.blobs.len() <= MOST_BLOBS,
                        "it has more than {MOST_BLOBS} blobs, which no network needs"
                    );
                }
                _ => ensure!(![fields.name, fields.blobs].contains(&number), ANOTHER),
            }
        }
        Ok(layer)
    }
}

/// `BlobProto`: a tensor.
struct Blob {
    file: Rc<dyn ReadAt>,
    /// The dimensions in the old form, outermost first, of which there are always four.
    old: [u64; 4],
    /// The dimensions in the new form.
    new: Option<Vec<u64>>,
    /// Elements in single and in double precision: where they begin, and how many bytes they take.
    singles: Option<(u64, u64)>,
    doubles: Option<(u64, u64)>,
}

impl Blob {
    fn read(file: &Rc<dyn ReadAt>, mut message: Message) -> Result<Self> {
        let mut blob = Self { file: Rc::clone(file), old: [0; 4], new: None, singles: None, doubles: None };
        while let Some((number, field)) = message.field()? {
            match (number, field) {
                (1..=4, Field::Number(side)) => blob.old[number as usize - 1] = side,
                (5, Field::Bytes(start, length)) => blob.singles = Some((start, length)),
                (7, Field::Bytes(start, length)) => {
                    blob.new = Some(dimensions(file, Message::new(file, start, length))?);
                }
                (8, Field::Bytes(start, length)) => blob.doubles = Some((start, length)),
                // Elements one by one, each with its field's number, are written by no Caffe.
                (1..=5 | 7 | 8, _) => bail!(ANOTHER),
                _ => {}
            }
        }
        Ok(blob)
    }

    /// The blob as a tensor of at most `rank` dimensions, as far as its first dimensions are ones; the error goes behind its name.
    fn official(self, rank: usize) -> Result<Found> {
        const UNFILLED: &str = "does not have as many elements as its shape says";
        let dimensions = self.new.unwrap_or_else(|| self.old.to_vec());
        let mut shape: Vec<usize> =
            dimensions.into_iter().map(usize::try_from).collect::<Result<_, _>>().context(UNFILLED)?;
        let count = count(&shape).context(UNFILLED)?;
        while shape.len() > rank && shape[0] == 1 {
            shape.remove(0);
        }
        let (element, (start, length)) = match self.doubles {
            Some(place) => (Element::F64, place),
            None => (Element::F32, self.singles.unwrap_or_default()),
        };
        ensure!(count.checked_mul(element.size()) == Some(length), UNFILLED);
        let stretch = Stretch { file: self.file, element, start, count }.inside()?;
        Ok(Found::Weights(Official { shape, read: Box::new(move || stretch.read()) }))
    }
}

/// `BlobShape`: its dimensions, one field for each or all in one.
fn dimensions(file: &Rc<dyn ReadAt>, mut message: Message) -> Result<Vec<u64>> {
    let mut dimensions = Vec::new();
    while let Some((number, field)) = message.field()? {
        match (number, field) {
            (1, Field::Number(side)) => dimensions.push(side),
            (1, Field::Bytes(start, length)) => {
                let mut packed = Message::new(file, start, length);
                while packed.cursor.position() < packed.end {
                    dimensions.push(packed.number()?);
                    ensure!(dimensions.len() <= MOST_DIMENSIONS, ANOTHER);
                }
            }
            (1, Field::Fixed) => bail!(ANOTHER),
            _ => {}
        }
        ensure!(dimensions.len() <= MOST_DIMENSIONS, ANOTHER);
    }
    Ok(dimensions)
}
