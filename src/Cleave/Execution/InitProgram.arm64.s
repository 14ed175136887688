// PID 1 of a node, AArch64. InitProgram.cs has the bytes of this; a test assembles it and compares.
    .text
start:
    ldr     x1, [sp]                    // with an argument: exit(0), by which the lab host learns that it can be executed at all
    mov     x0, #0
    mov     x8, #93
    cmp     x1, #1
    b.eq    work
    svc     #0
work:
    adr     x0, type                    // mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL)
    adr     x1, target
    mov     x2, x0
    mov     x3, #14
    mov     x4, #0
    mov     x8, #40
    svc     #0
    tbnz    x0, #63, failed

    mov     x0, #17                     // rt_sigaction(SIGCHLD, {SIG_IGN}, NULL, 8): the kernel reaps orphans
    adr     x1, ignore
    mov     x2, #0
    mov     x3, #8
    mov     x8, #134
    svc     #0

    mov     x0, #15                     // prctl(PR_SET_NAME, "cleave-init")
    adr     x1, name
    mov     x8, #167
    svc     #0

    mov     x0, #1                      // write(1, "ready", 5)
    adr     x1, ready
    mov     x2, #5
    mov     x8, #64
    svc     #0

    mov     x0, #1                      // close(1)
    mov     x8, #57
    svc     #0
    mov     x0, #2                      // close(2)
    mov     x8, #57
    svc     #0

sleep:
    mov     x0, #0                      // ppoll(NULL, 0, NULL, NULL, 0), for ever
    mov     x1, #0
    mov     x2, #0
    mov     x3, #0
    mov     x4, #0
    mov     x8, #73
    svc     #0
    b       sleep

failed:
    neg     x0, x0                      // one byte: the errno
    str     x0, [sp, #-16]!
    mov     x0, #1                      // write(1, &errno, 1)
    mov     x1, sp
    mov     x2, #1
    mov     x8, #64
    svc     #0
    mov     x0, #1                      // exit(1)
    mov     x8, #93
    svc     #0

type:
    .asciz  "proc"
target:
    .asciz  "/proc"
name:
    .asciz  "cleave-init"
ready:
    .ascii  "ready"
    .balign 8, 0
ignore:                                 // struct sigaction of the kernel: handler SIG_IGN, no flags, no restorer, no mask
    .quad   1, 0, 0, 0
