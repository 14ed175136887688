// A whole lab with a process in every node, as quick as plain C makes it: what `cleave up -d` and `cleave down` are compared with.
//
//     rooms up N FOLDER     makes it, returns when every program runs; the number of its first process is in FOLDER/pid
//     rooms down N FOLDER   TERM to every program, waits for them, ends; returns when no process of it is left
//
// Like a lab of Cleave: a user namespace, in it a PID, mount, UTS, IPC and network namespace, in that one bridge; for each node a network, mount,
// UTS, IPC and PID namespace, a cable to the bridge, an address, a host name, tmpfs on /tmp and /dev/shm and over FOLDER, sysfs, /proc, an /etc/hosts
// with all nodes, a sleeping PID 1, and beside it "sleep infinity" in a session of its own, whose output is a pipe. Left out: everything else.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BRIDGE = 1000, ROOM = CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID };

static void die(const char *what) {
    fprintf(stderr, "rooms: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void check(int result, const char *what) {
    if (result < 0)
        die(what);
}

// ---- netlink: requests are gathered, sent together, and the last one is acknowledged

static char batch[1 << 14];
static int used;
static struct nlmsghdr *last;

static void *put(const void *data, int length) {
    char *at = batch + used;
    memset(at, 0, NLMSG_ALIGN(length));
    memcpy(at, data, length);
    used += NLMSG_ALIGN(length);
    return at;
}

static void begin(int type, int flags, const void *header, int length) {
    struct nlmsghdr message = {.nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | flags};
    last = put(&message, sizeof message);
    put(header, length);
}

static struct rtattr *attribute(int type, const void *data, int length) {
    struct rtattr header = {.rta_len = RTA_LENGTH(length), .rta_type = type};
    struct rtattr *at = put(&header, sizeof header);
    if (length)
        put(data, length);
    return at;
}

static void number(int type, unsigned value) { attribute(type, &value, 4); }
static void close_nest(struct rtattr *nest) { nest->rta_len = batch + used - (char *)nest; }
static void finish(void) { last->nlmsg_len = batch + used - (char *)last; }

static void transact(int socket, const char *what) {
    static char answer[1 << 15];
    last->nlmsg_flags |= NLM_F_ACK;
    check(send(socket, batch, used, 0), what);
    used = 0;
    for (;;) {
        int length = recv(socket, answer, sizeof answer, 0);
        check(length, what);
        for (struct nlmsghdr *m = (void *)answer; NLMSG_OK(m, length); m = NLMSG_NEXT(m, length)) {
            struct nlmsgerr *error = NLMSG_DATA(m);
            errno = -error->error;
            if (errno)
                die(what);
            return;
        }
    }
}

static int route_socket(void) {
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    check(fd, "netlink socket");
    return fd;
}

static void up(int index) {
    struct ifinfomsg link = {.ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
    begin(RTM_NEWLINK, 0, &link, sizeof link);
    finish();
}

static void address(int index, unsigned host) {
    struct ifaddrmsg to = {AF_INET, 16, 0, RT_SCOPE_UNIVERSE, index};
    unsigned ip = htonl(0x0A4D0000u + host);
    begin(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &to, sizeof to);
    number(IFA_LOCAL, ip);
    number(IFA_ADDRESS, ip);
    finish();
}

static void make_bridge(int fabric) {
    struct ifinfomsg link = {.ifi_index = BRIDGE, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
    begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &link, sizeof link);
    attribute(IFLA_IFNAME, "br0", 4);
    struct rtattr *info = attribute(IFLA_LINKINFO, 0, 0);
    attribute(IFLA_INFO_KIND, "bridge", 7);
    struct rtattr *data = attribute(IFLA_INFO_DATA, 0, 0);
    unsigned char off = 0;
    attribute(IFLA_BR_MCAST_SNOOPING, &off, 1);
    number(IFLA_BR_FORWARD_DELAY, 0);
    close_nest(data);
    close_nest(info);
    finish();
    up(1);
    address(BRIDGE, 0xFFFE);
    transact(fabric, "bridge");
}

static void make_cable(int fabric, int node, int namespace) {
    char name[16];
    struct ifinfomsg link = {.ifi_flags = IFF_UP, .ifi_change = IFF_UP}, peer = {.ifi_index = 2};
    begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &link, sizeof link);
    attribute(IFLA_IFNAME, name, snprintf(name, sizeof name, "p%d", node) + 1);
    number(IFLA_MASTER, BRIDGE);
    number(IFLA_NUM_TX_QUEUES, 1);
    number(IFLA_NUM_RX_QUEUES, 1);
    struct rtattr *info = attribute(IFLA_LINKINFO, 0, 0);
    attribute(IFLA_INFO_KIND, "veth", 5);
    struct rtattr *data = attribute(IFLA_INFO_DATA, 0, 0);
    struct rtattr *other = attribute(VETH_INFO_PEER, &peer, sizeof peer);
    attribute(IFLA_IFNAME, "eth0", 5);
    number(IFLA_NET_NS_FD, namespace);
    number(IFLA_NUM_TX_QUEUES, 1);
    number(IFLA_NUM_RX_QUEUES, 1);
    close_nest(other);
    close_nest(data);
    close_nest(info);
    finish();
    transact(fabric, "cable");
}

static void make_address(int node) {
    int inside = route_socket();
    struct ifinfomsg link = {.ifi_index = 2};
    unsigned char none = 1; // IN6_ADDR_GEN_MODE_NONE
    up(1);
    begin(RTM_NEWLINK, 0, &link, sizeof link);
    struct rtattr *families = attribute(IFLA_AF_SPEC, 0, 0);
    struct rtattr *ipv6 = attribute(AF_INET6, 0, 0);
    attribute(IFLA_INET6_ADDR_GEN_MODE, &none, 1);
    close_nest(ipv6);
    close_nest(families);
    finish();
    up(2);
    address(2, node + 1);
    transact(inside, "address");
    close(inside);
}

// ---- the lab

static char *hosts;
static int hosts_length;

static void write_file(const char *path, const char *text, int length) {
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    check(fd, path);
    if (write(fd, text, length) != length)
        die(path);
    close(fd);
}

static void make_room(int node, const char *folder) {
    char name[16];
    check(mount("none", "/", 0, MS_REC | MS_PRIVATE, 0), "private mounts");
    check(sethostname(name, snprintf(name, sizeof name, "n%d", node + 1)), "host name");
    check(mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777"), "/dev/shm");
    check(mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, 0), "/sys");
    write_file("/dev/shm/hosts", hosts, hosts_length);
    check(mount("/dev/shm/hosts", "/etc/hosts", 0, MS_BIND, 0), "/etc/hosts");
    check(unlink("/dev/shm/hosts"), "hosts");
    check(mount("tmpfs", folder, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0700"), folder);
    check(mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777"), "/tmp");
}

// Returns when it has been executed, as vfork does.
static pid_t start(int output, int null, int is_init) {
    pid_t child = vfork();
    check(child, "vfork");
    if (child)
        return child;
    if (is_init) {
        if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, 0))
            _exit(1);
        signal(SIGCHLD, SIG_IGN);
    } else {
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, 0);
        setsid();
    }
    dup2(null, 0);
    dup2(output, 1);
    dup2(output, 2);
    execl("/usr/bin/sleep", "sleep", "infinity", (char *)0);
    _exit(127);
}

static void run_lab(int nodes, const char *folder, int ready) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, 0);
    check(setsid(), "setsid");
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    check(null, "/dev/null");
    check(mount("none", "/", 0, MS_REC | MS_PRIVATE, 0), "private mounts");
    check(mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, 0), "/proc");
    const char *kinds[] = {"mnt", "net", "uts", "ipc", "pid"};
    int fabric = route_socket(), home[5];
    for (int i = 0; i < 5; i++) {
        char path[32];
        snprintf(path, sizeof path, "/proc/self/ns/%s", kinds[i]);
        home[i] = open(path, O_RDONLY | O_CLOEXEC);
        check(home[i], path);
    }
    make_bridge(fabric);
    for (int i = 0; i < nodes; i++) {
        check(unshare(ROOM), "namespaces of a node");
        int network = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), output[2];
        check(network, "network namespace");
        make_cable(fabric, i, network);
        make_address(i);
        make_room(i, folder);
        check(pipe2(output, O_CLOEXEC), "pipe");
        start(null, null, 1);
        start(output[1], null, 0);
        close(output[1]);
        for (int k = 0; k < 5; k++)
            check(setns(home[k], 0), "way home");
    }
    for (int fd = 0; fd <= 2; fd++)
        dup2(null, fd); // whoever reads what we say need not wait for our end
    if (write(ready, "r", 1) != 1)
        die("ready");
    close(ready);
    int signal;
    sigwait(&signals, &signal);
    kill(-1, SIGTERM); // PIDs 1 do not take it
    for (int ended = 0; ended < nodes; ended++)
        check(wait(0), "wait");
    _exit(0);
}

static int up_lab(int nodes, const char *folder) {
    int ready[2], length;
    char text[64], byte, path[4096];
    struct rlimit files;
    check(getrlimit(RLIMIT_NOFILE, &files), "getrlimit");
    files.rlim_cur = files.rlim_max;
    check(setrlimit(RLIMIT_NOFILE, &files), "setrlimit");
    hosts = malloc(64 + 32 * nodes);
    hosts_length = sprintf(hosts, "127.0.0.1 localhost\n");
    for (int i = 0; i < nodes; i++)
        hosts_length += sprintf(hosts + hosts_length, "10.77.%d.%d n%d n%d.lab\n", (i + 1) >> 8, (i + 1) & 255, i + 1, i + 1);
    snprintf(path, sizeof path, "%s/pid", folder);
    check(pipe2(ready, O_CLOEXEC), "pipe");
    pid_t outside = fork();
    check(outside, "fork");
    if (!outside) {
        int id = geteuid(), gid = getegid();
        check(unshare(CLONE_NEWUSER | ROOM), "namespaces of the lab");
        write_file("/proc/self/setgroups", "deny", 4);
        length = snprintf(text, sizeof text, "0 %d 1", id);
        write_file("/proc/self/uid_map", text, length);
        length = snprintf(text, sizeof text, "0 %d 1", gid);
        write_file("/proc/self/gid_map", text, length);
        pid_t lab = fork();
        check(lab, "fork");
        if (!lab)
            run_lab(nodes, folder, ready[1]);
        write_file(path, text, snprintf(text, sizeof text, "%d\n", lab));
        _exit(0);
    }
    close(ready[1]);
    waitpid(outside, 0, 0);
    return read(ready[0], &byte, 1) == 1 ? 0 : 1;
}

static int down_lab(const char *folder) {
    char path[4096];
    int pid;
    snprintf(path, sizeof path, "%s/pid", folder);
    FILE *file = fopen(path, "r");
    if (!file || fscanf(file, "%d", &pid) != 1)
        die(path);
    struct pollfd lab = {syscall(SYS_pidfd_open, pid, 0), POLLIN, 0};
    check(lab.fd, "pidfd_open");
    check(kill(pid, SIGTERM), "kill");
    check(poll(&lab, 1, 60000), "poll");
    return lab.revents ? 0 : 1;
}

int main(int count, char **arguments) {
    if (count == 4 && !strcmp(arguments[1], "up"))
        return up_lab(atoi(arguments[2]), arguments[3]);
    if (count == 4 && !strcmp(arguments[1], "down"))
        return down_lab(arguments[3]);
    fprintf(stderr, "usage: rooms up|down N FOLDER\n");
    return 2;
}
