# PID 1 of a node, x86-64. InitProgram.cs has the bytes of this; a test assembles it and compares.
    .intel_syntax noprefix
    .text
start:
    xor     edi, edi                    # with an argument: exit(0), by which the lab host learns that it can be executed at all
    mov     eax, 60
    cmp     dword ptr [rsp], 1
    je      work
    syscall
work:
    mov     eax, 165                    # mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL)
    lea     rdi, [rip + type]
    lea     rsi, [rip + target]
    mov     rdx, rdi
    mov     r10d, 14
    xor     r8d, r8d
    syscall
    test    eax, eax
    js      failed

    mov     eax, 13                     # rt_sigaction(SIGCHLD, {SIG_IGN}, NULL, 8): the kernel reaps orphans
    mov     edi, 17
    lea     rsi, [rip + ignore]
    xor     edx, edx
    mov     r10d, 8
    syscall

    mov     eax, 157                    # prctl(PR_SET_NAME, "cleave-init")
    mov     edi, 15
    lea     rsi, [rip + name]
    syscall

    mov     eax, 1                      # write(1, "ready", 5)
    mov     edi, 1
    lea     rsi, [rip + ready]
    mov     edx, 5
    syscall

    mov     eax, 3                      # close(1)
    mov     edi, 1
    syscall
    mov     eax, 3                      # close(2)
    mov     edi, 2
    syscall

sleep:
    mov     eax, 34                     # pause(), for ever
    syscall
    jmp     sleep

failed:
    neg     eax                         # one byte: the errno
    push    rax
    mov     eax, 1                      # write(1, &errno, 1)
    mov     edi, 1
    mov     rsi, rsp
    mov     edx, 1
    syscall
    mov     eax, 60                     # exit(1)
    mov     edi, 1
    syscall

type:
    .asciz  "proc"
target:
    .asciz  "/proc"
name:
    .asciz  "cleave-init"
ready:
    .ascii  "ready"
    .balign 8, 0
ignore:                                 # struct sigaction of the kernel: handler SIG_IGN, no flags, no restorer, no mask
    .quad   1, 0, 0, 0
