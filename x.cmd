@echo off
rem Runs a task: x demo, x test, x help. Rust (rustup) must be installed.
cd /d "%~dp0"
where cargo >nul 2>nul || (
  echo Rust is missing: winget install Rustlang.Rustup
  exit /b 1
)
cargo run --quiet --package xtask -- %*
