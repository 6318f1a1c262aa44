//! The WebAssembly for browsers without relaxed SIMD, from the one with it: a fused multiply-add becomes a
//! multiplication and an addition, a minimum one that says which operand it takes, and a product of 8-bit numbers two products
//! of 16-bit numbers. Another build would compile burn once more.

use std::convert::Infallible;

use anyhow::{Context as _, Result};
use wasm_encoder::reencode::{self, Reencode, utils};
use wasm_encoder::{CodeSection, FunctionSection, Instruction, MemoryType, Module, TypeSection, ValType};
use wasmparser::{FunctionBody, FunctionSectionReader, Operator, Parser, TypeSectionReader, Validator, WasmFeatures};

/// The same module with SIMD that is not relaxed. An error tells where an instruction is left that has no
/// plain form here.
pub(crate) fn lowered(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut module = Module::new();
    Lowering::default()
        .parse_core_module(&mut module, Parser::new(0), wasm)
        .context("the WebAssembly cannot be read")?;
    let wasm = module.finish();
    Validator::new_with_features(WasmFeatures::all() - WasmFeatures::RELAXED_SIMD)
        .validate_all(&wasm)
        .context("relaxed SIMD is left in the WebAssembly")?;
    Ok(wasm)
}

/// The same module with a memory of its own kind: one that is not shared, for browsers that make no memory for threads. Atomic
/// instructions are allowed there too; nothing in it ever waits.
pub(crate) fn unshared(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut module = Module::new();
    Unsharing.parse_core_module(&mut module, Parser::new(0), wasm).context("the WebAssembly cannot be read")?;
    let wasm = module.finish();
    Validator::new_with_features(WasmFeatures::all()).validate_all(&wasm).context("the memory cannot be unshared")?;
    Ok(wasm)
}

struct Unsharing;

impl Reencode for Unsharing {
    type Error = Infallible;

    fn memory_type(&mut self, memory: wasmparser::MemoryType) -> Result<MemoryType, reencode::Error> {
        Ok(MemoryType { shared: false, ..utils::memory_type(self, memory) })
    }
}

#[derive(Default)]
struct Lowering {
    /// Of each type of the module.
    parameters: Vec<u32>,
    /// Type of each function with a body.
    functions: Vec<u32>,
    /// Bodies so far.
    bodies: usize,
}

impl Reencode for Lowering {
    type Error = Infallible;

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: TypeSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        for group in section.clone() {
            for of in group?.types() {
                let parameters = match &of.composite_type.inner {
                    wasmparser::CompositeInnerType::Func(function) => function.params().len(),
                    _ => 0,
                };
                self.parameters.push(parameters as u32);
            }
        }
        utils::parse_type_section(self, types, section)
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        self.functions = section.clone().into_iter().collect::<Result<_, _>>()?;
        utils::parse_function_section(self, functions, section)
    }

    fn parse_function_body(&mut self, code: &mut CodeSection, body: FunctionBody<'_>) -> Result<(), reencode::Error> {
        let parameters = self.parameters[self.functions[self.bodies] as usize];
        self.bodies += 1;
        let mut locals = Vec::new();
        let mut count = parameters;
        for local in body.get_locals_reader()? {
            let (times, of) = local?;
            locals.push((times, self.val_type(of)?));
            count += times;
        }
        let mut instructions = Vec::new();
        let mut reader = body.get_operators_reader()?;
        // The sum's last part lies above the factors: it waits in a local of its own, and so do the factors of a product of 8-bit
        // numbers, which are read twice.
        let waiting = count;
        let mut waits = 0;
        while !reader.eof() {
            let operator = reader.read()?;
            match operator {
                Operator::F32x4RelaxedMadd => {
                    instructions.extend([
                        Instruction::LocalSet(waiting),
                        Instruction::F32x4Mul,
                        Instruction::LocalGet(waiting),
                        Instruction::F32x4Add,
                    ]);
                    waits = waits.max(1);
                }
                Operator::I32x4RelaxedDotI8x16I7x16AddS => {
                    instructions.extend(dot_of_bytes(waiting));
                    waits = waits.max(3);
                }
                Operator::I16x8RelaxedDotI8x16I7x16S => {
                    instructions.extend(pairs_of_bytes(waiting));
                    waits = waits.max(2);
                }
                Operator::F32x4RelaxedMin => instructions.push(Instruction::F32x4PMin),
                Operator::F32x4RelaxedMax => instructions.push(Instruction::F32x4PMax),
                Operator::F64x2RelaxedMin => instructions.push(Instruction::F64x2PMin),
                Operator::F64x2RelaxedMax => instructions.push(Instruction::F64x2PMax),
                other => instructions.push(self.instruction(other)?),
            }
        }
        if waits > 0 {
            locals.push((waits, ValType::V128));
        }
        let mut function = wasm_encoder::Function::new(locals);
        for instruction in &instructions {
            function.instruction(instruction);
        }
        code.function(&function);
        Ok(())
    }
}

/// The second and fourth of each four bytes in a local, as numbers of 16 bits.
fn odd_bytes(local: u32) -> [Instruction<'static>; 3] {
    [Instruction::LocalGet(local), Instruction::I32Const(8), Instruction::I16x8ShrS]
}

/// The first and third of each four bytes in a local, as numbers of 16 bits.
fn even_bytes(local: u32) -> [Instruction<'static>; 5] {
    let shift = Instruction::I32Const(8);
    [Instruction::LocalGet(local), shift.clone(), Instruction::I16x8Shl, shift, Instruction::I16x8ShrS]
}

/// `i16x8.relaxed_dot_i8x16_i7x16_s` with two locals from `waiting` on, exactly: two products of a number of 8 and one of 7 bits
/// fit 16 bits.
fn pairs_of_bytes(waiting: u32) -> Vec<Instruction<'static>> {
    let (inputs, weights) = (waiting, waiting + 1);
    let mut instructions = [inputs, weights].map(Instruction::LocalSet).to_vec();
    instructions.extend(even_bytes(weights).into_iter().chain(even_bytes(inputs)));
    instructions.push(Instruction::I16x8Mul);
    instructions.extend(odd_bytes(weights).into_iter().chain(odd_bytes(inputs)));
    instructions.extend([Instruction::I16x8Mul, Instruction::I16x8Add]);
    instructions
}

/// `i32x4.relaxed_dot_i8x16_i7x16_add_s` with three locals from `waiting` on, exactly: the first and third of each four bytes as
/// numbers of 16 bits are multiplied and added by one instruction, the second and fourth by another.
fn dot_of_bytes(waiting: u32) -> Vec<Instruction<'static>> {
    let (sum, inputs, weights) = (waiting, waiting + 1, waiting + 2);
    let mut instructions = [sum, inputs, weights].map(Instruction::LocalSet).to_vec();
    instructions.extend(even_bytes(weights).into_iter().chain(even_bytes(inputs)));
    instructions.push(Instruction::I32x4DotI16x8S);
    instructions.extend(odd_bytes(weights).into_iter().chain(odd_bytes(inputs)));
    instructions.extend([Instruction::I32x4DotI16x8S, Instruction::I32x4Add]);
    instructions.extend([Instruction::LocalGet(sum), Instruction::I32x4Add]);
    instructions
}

#[cfg(test)]
mod tests {
    use wasm_encoder::Function;

    use super::*;

    /// Two functions of differently many parameters and locals, the second with these instructions.
    fn module_of(instructions: &[Instruction<'_>]) -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        types.ty().function([ValType::I32, ValType::V128, ValType::V128, ValType::V128], [ValType::V128]);
        let mut functions = FunctionSection::new();
        functions.function(0).function(1);
        let mut code = CodeSection::new();
        let mut empty = Function::new([]);
        empty.instruction(&Instruction::End);
        code.function(&empty);
        let mut function = Function::new([(2, ValType::I32)]);
        for instruction in instructions.iter().chain([&Instruction::End]) {
            function.instruction(instruction);
        }
        code.function(&function);
        let mut module = Module::new();
        module.section(&types).section(&functions).section(&code);
        module.finish()
    }

    /// With an instruction of three vectors.
    fn module(instruction: Instruction<'_>) -> Vec<u8> {
        let [a, b, c] = [1, 2, 3].map(Instruction::LocalGet);
        module_of(&[a, b, c, instruction])
    }

    fn instructions(wasm: &[u8]) -> Vec<String> {
        let bodies = Parser::new(0).parse_all(wasm).filter_map(|payload| match payload.expect("a payload") {
            wasmparser::Payload::CodeSectionEntry(body) => Some(body),
            _ => None,
        });
        let last = bodies.last().expect("a function");
        let reader = last.get_operators_reader().expect("operators");
        reader.into_iter().map(|operator| format!("{:?}", operator.expect("an operator"))).collect()
    }

    #[test]
    fn a_fused_multiply_add_becomes_two_instructions() {
        let wasm = lowered(&module(Instruction::F32x4RelaxedMadd)).expect("plain SIMD");
        let waiting = "local_index: 6"; // behind four parameters and two locals
        assert_eq!(
            instructions(&wasm)[3..],
            [&format!("LocalSet {{ {waiting} }}"), "F32x4Mul", &format!("LocalGet {{ {waiting} }}"), "F32x4Add", "End"]
        );
    }

    /// Runs the few instructions that a product of bytes becomes.
    fn run(wasm: &[u8], arguments: [[i8; 16]; 3]) -> [i32; 4] {
        let halves = |v: [i8; 16]| -> [i16; 8] {
            std::array::from_fn(|i| i16::from_le_bytes([v[2 * i] as u8, v[2 * i + 1] as u8]))
        };
        let words = |v: [i8; 16]| -> [i32; 4] {
            std::array::from_fn(|i| i32::from_le_bytes(std::array::from_fn(|b| v[4 * i + b] as u8)))
        };
        let of_halves = |v: [i16; 8]| -> [i8; 16] { std::array::from_fn(|i| v[i / 2].to_le_bytes()[i % 2] as i8) };
        let of_words = |v: [i32; 4]| -> [i8; 16] { std::array::from_fn(|i| v[i / 4].to_le_bytes()[i % 4] as i8) };
        let bodies = Parser::new(0).parse_all(wasm).filter_map(|payload| match payload.expect("a payload") {
            wasmparser::Payload::CodeSectionEntry(body) => Some(body),
            _ => None,
        });
        let body = bodies.last().expect("a function");
        // Four parameters and two numbers lie before those that the lowering adds.
        let mut locals = [[0; 16]; 9];
        locals[1..4].copy_from_slice(&arguments);
        let (mut stack, mut bits) = (Vec::new(), 0);
        for operator in body.get_operators_reader().expect("operators") {
            let mut pop = || stack.pop().expect("an operand");
            let value = match operator.expect("an operator") {
                Operator::LocalSet { local_index } => {
                    locals[local_index as usize] = pop();
                    continue;
                }
                Operator::I32Const { value } => {
                    bits = value;
                    continue;
                }
                Operator::LocalGet { local_index } => locals[local_index as usize],
                Operator::I16x8Shl => of_halves(halves(pop()).map(|half| half << bits)),
                Operator::I16x8ShrS => of_halves(halves(pop()).map(|half| half >> bits)),
                Operator::I32x4DotI16x8S => {
                    let (a, b) = (halves(pop()).map(i32::from), halves(pop()).map(i32::from));
                    of_words(std::array::from_fn(|i| a[2 * i] * b[2 * i] + a[2 * i + 1] * b[2 * i + 1]))
                }
                Operator::I32x4Add => {
                    let (a, b) = (words(pop()), words(pop()));
                    of_words(std::array::from_fn(|i| a[i].wrapping_add(b[i])))
                }
                Operator::End => break,
                other => panic!("{other:?}"),
            };
            stack.push(value);
        }
        words(stack.pop().expect("a result"))
    }

    #[test]
    fn a_product_of_bytes_stays_exact() {
        let wasm = lowered(&module(Instruction::I32x4RelaxedDotI8x16I7x16AddS)).expect("plain SIMD");
        for seed in 0..50usize {
            let weights: [i8; 16] = std::array::from_fn(|i| ((seed * 97 + i * 61) % 255) as i8);
            let inputs: [i8; 16] =
                std::array::from_fn(|i| if seed == 7 { 127 } else { ((seed * 31 + i * 47) % 128) as i8 });
            let sums: [i8; 16] = std::array::from_fn(|i| ((seed * 13 + i * 101) % 256) as u8 as i8);
            let expected: [i32; 4] = std::array::from_fn(|lane| {
                let sum = i32::from_le_bytes(std::array::from_fn(|byte| sums[4 * lane + byte] as u8));
                let products = (4 * lane..4 * lane + 4).map(|i| i32::from(weights[i]) * i32::from(inputs[i]));
                sum.wrapping_add(products.sum())
            });
            assert_eq!(run(&wasm, [weights, inputs, sums]), expected, "{seed}");
        }
    }

    #[test]
    fn a_minimum_takes_one_of_its_operands() {
        let both = |instruction| {
            let module = module_of(&[Instruction::LocalGet(1), Instruction::LocalGet(2), instruction]);
            instructions(&lowered(&module).expect("plain SIMD"))[2].clone()
        };
        assert_eq!(both(Instruction::F32x4RelaxedMin), "F32x4PMin");
        assert_eq!(both(Instruction::F32x4RelaxedMax), "F32x4PMax");
    }

    #[test]
    fn what_is_plain_stays_as_it_is() {
        let plain = module(Instruction::V128Bitselect);
        assert_eq!(lowered(&plain).expect("plain SIMD"), plain);
    }

    #[test]
    fn what_has_no_plain_form_is_an_error() {
        let error = lowered(&module(Instruction::I32x4RelaxedLaneselect)).expect_err("relaxed SIMD");
        assert!(format!("{error:#}").contains("relaxed SIMD"), "{error:#}");
    }
}
