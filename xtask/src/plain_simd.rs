//! The WebAssembly for browsers without relaxed SIMD, from the one with it: a fused multiply-add becomes a
//! multiplication and an addition, a minimum one that says which operand it takes. Another build would compile burn once
//! more.

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
        // The sum's last part lies above the factors: it waits in a local of its own.
        let waiting = count;
        let mut waits = false;
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
                    waits = true;
                }
                Operator::F32x4RelaxedMin => instructions.push(Instruction::F32x4PMin),
                Operator::F32x4RelaxedMax => instructions.push(Instruction::F32x4PMax),
                Operator::F64x2RelaxedMin => instructions.push(Instruction::F64x2PMin),
                Operator::F64x2RelaxedMax => instructions.push(Instruction::F64x2PMax),
                other => instructions.push(self.instruction(other)?),
            }
        }
        if waits {
            locals.push((1, ValType::V128));
        }
        let mut function = wasm_encoder::Function::new(locals);
        for instruction in &instructions {
            function.instruction(instruction);
        }
        code.function(&function);
        Ok(())
    }
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
