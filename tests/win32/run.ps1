# run.ps1 - builds on a Windows machine, and runs the test programs there
$ErrorActionPreference = "Stop"
$source = Resolve-Path (Join-Path $PSScriptRoot "..\..")
$build = Join-Path $source "build\windows"

cmake -S $source -B $build -DSBIND_BUILD_TESTS=ON -DSBIND_BUILD_EXAMPLES=ON
if ($LASTEXITCODE -ne 0) { exit 1 }
cmake --build $build --config Release
if ($LASTEXITCODE -ne 0) { exit 1 }

$failed = 0
foreach ($name in "pipe_test", "tcp_test", "calls_test", "hints_test",
         "paths_test", "texts_test") {
    $program = Get-ChildItem -Path $build -Recurse -Filter "$name.exe" |
        Select-Object -First 1
    if (-not $program) {
        Write-Output "$name : left out, it was not built"
        continue
    }
    & $program.FullName
    if ($LASTEXITCODE -ne 0) {
        Write-Output "$name : FAILED"
        $failed++
    }
}
if ($failed -ne 0) { exit 1 }
Write-Output "now the table in tests/win32/README.md, by hand"
