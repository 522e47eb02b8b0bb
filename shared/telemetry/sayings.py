"""The words for every trouble that can be found by itself: what is wrong, and what to do, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shared.text import Text


@dataclass(frozen=True, slots=True)
class Saying:
    """Two sentences with named places: ``what`` is wrong, and its ``remedy``."""

    what: Text
    remedy: Text


def _say(zh: str, en: str, zh_remedy: str, en_remedy: str) -> Saying:
    return Saying(Text(zh, en), Text(zh_remedy, en_remedy))


SAYINGS: Mapping[str, Saying] = {
    # --- the databases
    "database-away": _say(
        "数据库不可用。",
        "The database cannot be used.",
        "请检查 PostgreSQL 是否运行、地址与口令是否正确。",
        "See that PostgreSQL runs, and that address and password are right.",
    ),
    "migration-pending": _say(
        "数据库结构旧于本版本程序。",
        "The database's schema is older than this release.",
        "请运行命令 migrate。",
        "Run the command migrate.",
    ),
    "schema-newer": _say(
        "数据库结构新于本进程的程序版本。",
        "The database's schema is newer than the release of this process.",
        "请安装新版本并重启各进程。",
        "Install the new release on this machine and restart its processes.",
    ),
    "clock-differs": _say(
        "{about} 的时钟与数据库相差 {seconds} 秒。",
        "The clock of {about} differs from the database's by {seconds} s.",
        "请在两台机器上启用时间同步（如 chrony）。",
        "Have both machines keep their time by NTP (chrony, systemd-timesyncd).",
    ),
    "database-clocks-differ": _say(
        "{about} 的数据库时钟与 {other} 的相差 {seconds} 秒。",
        "The clock of the database of {about} differs from that of {other} by {seconds} s.",
        "请在两台数据库服务器上启用时间同步（如 chrony）。",
        "Have both database servers keep their time by NTP (chrony, systemd-timesyncd).",
    ),
    "no-channel": _say(
        "有人希望收到通知，但未配置短信或邮件：什么都不会发出。",
        "Persons wish to be told of news, and neither text messages nor mail are set up: nothing is sent.",
        "请按说明文件为 notifications 的 worker 配置短信网关或邮件服务器；不通知本人的，请不要登记通知同意。",
        "Set up a gateway or a mail server for the worker of notifications (README); or record no such consents.",
    ),
    # --- what a service's own books say
    "outbox-late": _say(
        "待发出的事件 {count} 个，最早的已等待 {seconds} 秒。",
        "Events not yet published: {count}; the oldest has waited {seconds} s.",
        "请检查 relay 与 RabbitMQ；事件都保存在数据库中，不会丢失。",
        "See that the relay runs and reaches RabbitMQ. All of them are kept and leave in order.",
    ),
    "outbox-late-agencies": _say(
        "发往单位自有系统的事件有 {count} 个未发出，最早的已等待 {seconds} 秒。",
        "Events for agencies' own systems not yet published: {count}; the oldest has waited {seconds} s.",
        "请检查该单位的队列是否已满、消息拓扑是否完整（命令 topology check）。",
        "See whether an agency's queue is full, and run the command topology check.",
    ),
    "event-not-taken": _say(
        "消息服务未接收某些消息（无处投递或被拒收），会自动重试。",
        "The broker does not take some messages: no queue is bound for them, or it refuses. They are tried again.",
        "请运行命令 topology apply；仍不行请查看 RabbitMQ 的日志。",
        "Run the command topology apply; if that does not help, see RabbitMQ's log.",
    ),
    "audit-unsealed": _say(
        "审计日志已有 {minutes} 分钟没有封存。",
        "The audit log has not been sealed for {minutes} min.",
        "请检查后台的 timers 是否运行、其日志有无 audit.chain-unreadable，并运行命令 audit verify。",
        "See that the worker's timers run and whether their log says audit.chain-unreadable, and run the command audit "
        "verify.",
    ),
    "dead-letters": _say(
        "{count} 条消息未能处理，需要人工处理。",
        "Messages that could not be handled and wait for an operator: {count}.",
        "请用命令 dead-letters list 查看原因，排除后用 dead-letters replay 重试；永远不需要的用 dead-letters dismiss。",
        "See why with the command dead-letters list; once the reason is gone, dead-letters replay; what nobody will "
        "ever want, dead-letters dismiss.",
    ),
    "dead-letter-blocks": _say(
        "死信 {about}（事件 {event}）使其后的 {count} 条消息等待。",
        "The dead letter {about} (event {event}) holds up what comes after it: {count}.",
        "请先处理这一封：命令 dead-letters show {about}，再 dead-letters replay {about}。",
        "See to this one first: the commands dead-letters show {about} and dead-letters replay {about}.",
    ),
    "letters-wait-long": _say(
        "{count} 条消息等待其前一条消息已超过 {minutes} 分钟。",
        "Messages that have waited over {minutes} min for one before them: {count}.",
        "请运行命令 reconcile 补发；若原因是配置版本，请运行 district apply（见 dead-letters list）。",
        "Run the command reconcile; where dead-letters list names a pack's version, district apply.",
    ),
    # --- the parts of a worker
    "silent": _say(
        "{service} 的 {part} 没有心跳。",
        "The {part} of {service} gives no sign of life.",
        "请启动或重启命令 work {service}，并查看其日志。",
        "Start or restart the command work {service}, and see its log.",
    ),
    "consumer-behind": _say(
        "消费者在运行但已落后：刚处理的消息是 {seconds} 秒前写入的。",
        "The consumer works but is behind: what it has just handled was written {seconds} s ago.",
        "若积压不减，请查看其日志以及数据库是否缓慢。",
        "It catches up by itself; if the queue does not shrink, see its log and whether the database is slow.",
    ),
    "handler-failed": _say(
        "消费者遇到程序错误，正在重试。",
        "The consumer met a fault of the program and tries again.",
        "请查看其日志（consumer.reconnects）并报告。",
        "See its log (consumer.reconnects) and report it.",
    ),
    # --- the broker
    "broker-away": _say(
        "无法连接消息服务。",
        "The broker cannot be reached.",
        "请检查 RabbitMQ 是否运行及网络。已受理的内容不会丢失，恢复后自动补发。",
        "See that RabbitMQ runs, and the network. Nothing is lost; all is sent when it is back.",
    ),
    "broker-blocks": _say(
        "消息服务暂不接收消息：{reason}。",
        "The broker takes no messages: {reason}.",
        "请释放其内存或磁盘空间。已受理的内容不会丢失，恢复后自动补发。",
        "Free its memory or disk space. Nothing is lost; all is sent when it takes messages again.",
    ),
    "broker-fails": _say(
        "消息服务因自身内部错误断开连接。",
        "The broker ends our connections with an internal error of its own.",
        "请重启 RabbitMQ 节点并查看其日志。已受理的内容不会丢失，恢复后自动补发。",
        "Restart the RabbitMQ node and see its log. Nothing is lost; all is sent when it works again.",
    ),
    "management-away": _say(
        "RabbitMQ 的管理接口没有回答：{why}。",
        "RabbitMQ's management API does not answer: {why}.",
        "请检查 RabbitMQ 是否运行、管理插件是否启用、设置中的管理地址（…_RABBITMQ_ADMIN_URL）。",
        "See that RabbitMQ runs with its management plugin, and its address in the settings (…_RABBITMQ_ADMIN_URL).",
    ),
    "declarations-refused": _say(
        "RabbitMQ 拒绝建立队列（管理接口回答 {status}）。",
        "RabbitMQ refuses to declare what is missing (its management API answers {status}).",
        "请重启该 RabbitMQ 节点（3.10 的死信进程终止后不会自行恢复），再运行命令 topology apply。",
        "Restart the RabbitMQ node (in 3.10 the processes that carry dead letters do not come back by themselves), "
        "then run the command topology apply.",
    ),
    "memory-alarm": _say(
        "RabbitMQ 节点 {about} 内存告警，不接收消息。",
        "The memory alarm of RabbitMQ node {about} is on: it takes no messages.",
        "请查看哪些队列积压，或增加内存（vm_memory_high_watermark）。",
        "See which queues have piled up, or give it more memory (vm_memory_high_watermark).",
    ),
    "disk-alarm": _say(
        "RabbitMQ 节点 {about} 磁盘告警，不接收消息。",
        "The disk alarm of RabbitMQ node {about} is on: it takes no messages.",
        "请在该节点的磁盘上腾出空间（disk_free_limit）。",
        "Free space on that node's disk (disk_free_limit).",
    ),
    "node-down": _say(
        "RabbitMQ 节点 {about} 未运行。",
        "RabbitMQ node {about} does not run.",
        "请启动该节点。",
        "Start that node.",
    ),
    "queue-missing": _say(
        "队列 {about} 不存在。",
        "The queue {about} is missing.",
        "请运行命令 topology apply，一分钟后运行 reconcile（work intake 的定时任务会自动做这两步）。",
        "Run the command topology apply, and reconcile a minute later; the timers of work intake do both themselves.",
    ),
    "topology-differs": _say(
        "消息服务上有 {count} 处与应有的不符（{kinds}）。",
        "What stands at the broker otherwise than it should: {count} ({kinds}).",
        "请运行命令 topology check 查看，topology apply 改正。",
        "See them with the command topology check, and put them right with topology apply.",
    ),
    "queue-down": _say(
        "队列 {about} 没有主副本（{members} 个副本中 {online} 个在线），不能收发。",
        "The queue {about} has no leader ({online} of {members} members online): nothing goes in or out.",
        "请启动其所在的 RabbitMQ 节点；已启动则重启该节点，并查看其日志。",
        "Start the RabbitMQ nodes it lives on; if they run, restart that node and see its log.",
    ),
    "queue-behind": _say(
        "队列 {about} 积压 {count} 条消息。",
        "Messages that wait in the queue {about}: {count}.",
        "请检查读取它的进程是否运行、是否跟得上。",
        "See that who reads it runs and keeps up.",
    ),
    "queue-full": _say(
        "单位队列 {about} 已有 {count} 条，上限 {limit} 条。",
        "The agency's queue {about} holds {count} of at most {limit} messages.",
        "请通知该单位恢复读取；满后新消息留在我方等待，不影响其他单位。",
        "Tell the agency that its system does not read. When it is full, what is meant for it waits here; others do "
        "not suffer.",
    ),
    "dead-queue-fills": _say(
        "{about} 中有 {count} 条单位系统未能接收的消息。",
        "Messages in {about}, which the agency's system did not take: {count}.",
        "请该单位查明原因，再把消息移回其收件队列。",
        "Have the agency find out why, then move them back to its inbox queue.",
    ),
    # --- pack and keys
    "no-district-pack": _say(
        "尚未应用地区配置。",
        "No district pack is applied.",
        "请运行命令 district apply。",
        "Run the command district apply.",
    ),
    "pack-versions-differ": _say(
        "各服务的地区配置版本不一致：{versions}。",
        "The services hold different versions of the district pack: {versions}.",
        "请运行命令 district apply。",
        "Run the command district apply.",
    ),
    "pack-not-applied": _say(
        "本机的地区配置是版本 {there}，而生效的是 {here}。",
        "The district pack on this machine is version {there}, the one in force {here}.",
        "请用命令 district check 检查，再用 district apply 应用（给出上次应用的目录）；或更新本机文件。",
        "Check it with the command district check and put it in force with district apply (naming the folder that was "
        "applied last), or bring the files up to date.",
    ),
    "pack-wrong": _say(
        "本机的地区配置有 {count} 处错误。",
        "Errors in the district pack on this machine: {count}.",
        "请用命令 district check 查看每处错误。",
        "The command district check names each.",
    ),
    "keys-missing": _say(
        "缺少 {count} 把密钥（{about}）。",
        "Keys that are missing: {count} ({about}).",
        "请运行命令 district apply。",
        "Run the command district apply.",
    ),
    "master-key": _say(
        "主密钥不可用：{why}。",
        "The master key cannot be used: {why}.",
        "请在设置中给出包裹这些密钥的主密钥（…_MASTER_KEY、…_FILE 或 …_COMMAND）。",
        "Give in the settings the one the keys were wrapped with (…_MASTER_KEY, …_FILE or …_COMMAND).",
    ),
    "demo-key": _say(
        "演示用主密钥存放在数据目录中。",
        "The demo's master key lies beside its data.",
        "正式使用前请改用外部密钥。",
        "Use a key from outside before real work.",
    ),
    # --- machines and processes
    "disk-filling": _say(
        "{about} 上数据目录所在磁盘已用 {percent}%，剩余 {free} MB。",
        "The disk of the data folder of {about} is {percent} % full, {free} MB are left.",
        "请腾出空间或扩容；写满后不再受理新内容。",
        "Free space or enlarge it: once it is full, nothing more can be taken in.",
    ),
    "web-away": _say(
        "{service} 的网页进程 {about} 没有回答。",
        "The web process of {service} at {about} does not answer.",
        "请检查命令 serve {service} 是否运行。",
        "See that the command serve {service} runs.",
    ),
    "not-looked-at": _say(
        "未能查看 {about}（{why}）。",
        "{about} could not be looked at ({why}).",
        "请运行命令 doctor，并查看该进程的日志（watch.look-failed）。",
        "Run the command doctor, and see the log of that process (watch.look-failed).",
    ),
    "nothing-set-up": _say(
        "{about} 没有数据库文件。",
        "There is no database file of {about}.",
        "请首次启动（命令 run），或核对数据目录的设置。",
        "Start it for the first time (the command run), or look at the setting of the data folder.",
    ),
    "server-not-running": _say(
        "服务没有在运行；已受理的内容在启动后发出。",
        "No server runs; what was taken in is sent on when it starts.",
        "请启动（命令 run）。",
        "Start it (the command run).",
    ),
    "parts-not-started": _say(
        "后台部分尚未启动。",
        "The background parts have not started.",
        "请稍候；若持续如此请查看日志并重新启动。",
        "Wait a moment; if it stays so, see the log and start again.",
    ),
}
"""Code → words. The commands are named without the program's own name, which nobody outside need read."""
