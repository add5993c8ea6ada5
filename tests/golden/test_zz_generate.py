import json, re
from pathlib import Path
import pytest
from types import SimpleNamespace
from tachi.api import throttles
from tests.golden.recordings import Recording
from tests.golden.replay import Replay
from tests.golden.states import state_of, NOT_KEPT
from tests.golden.world import create_users, store_attached
from tachi.accounts.models import User

HOUR=3600_000
T=1_700_000_000_000
def song(i,title): return {"id":i,"title":title,"artist":"Nobody","altTitles":[],"searchTerms":[],"data":{"displayVersion":"booth"}}
def chart(i,diff,lvl): return {"chartID":f"{i:038x}{ {'NOV':'01','EXH':'04','MXM':'05'}[diff]}","songID":i,"difficulty":diff,"level":str(lvl),"levelNum":lvl,"isPrimary":True,"playtype":"Single","versions":["exceed"],"data":{"inGameID":i}}
SONGS=[song(1,"First Light"),song(2,"Second Wind"),song(3,"Third Rail")]
CHARTS=[chart(1,"EXH",17),chart(2,"MXM",18),chart(3,"NOV",5)]
CHART={1:"EXH",2:"MXM",3:"NOV"}
def score(s,points,lamp="CLEAR",at=None,**rest):
    return {"matchType":"tachiSongID","identifier":str(s),"difficulty":CHART.get(s,"EXH"),"score":points,"lamp":lamp,"timeAchieved":at,**rest}
def doc(*scores,**rest): return {"meta":{"game":"sdvx","playtype":"Single","service":"Tests"},"scores":list(scores),**rest}
def auth(token): return {"Authorization":f"Bearer {token}"} if token else {}
def upload(name,token,document,**kw): return {"name":name,"request":{"method":"POST","path":"/api/v1/import/file","headers":auth(token),"multipart":{"importType":"file/batch-manual","scoreData":{"filename":"batch.json","json":document}}},**kw}
def direct(name,token,document,headers=None,**kw): return {"name":name,"request":{"method":"POST","path":"/ir/direct-manual/import","headers":{**auth(token),**(headers or {})},"json":document},**kw}
def req(name,method,path,token=None,body=None,headers=None,**kw):
    r={"method":method,"path":path,"headers":{**auth(token),**(headers or {})}}
    if body is not None: r["json"]=body
    return {"name":name,"request":r,**kw}
def revert(name,n,token,**kw): return req(name,"POST",f"/api/v1/imports/{n:040x}/revert",token,**kw)
def restore(name,n,**kw): return {"name":name,"command":["restore_imports",f"{n:040x}"],**kw}

A=[score(1,9_700_000,at=T),score(2,9_000_000,"FAILED",at=T+600_000,judgements={"critical":900,"near":20,"miss":30}),score(3,10_000_000,"PERFECT ULTIMATE CHAIN"),score(99,9_000_000,at=T+1200_000)]
B=[score(1,9_700_000,at=T),score(1,9_800_000,"FAILED",at=T+HOUR),score(2,8_000_000,"EXCESSIVE CLEAR",at=T+5*HOUR)]
U="undoer"
CASES={
"undo":("Import, the same again, revert, restore: the second import takes over what the first one loses.",11,U,[
 upload("import","tok-undoer",doc(*A),state="after import"),
 upload("again","tok-undoer",doc(*A)),
 revert("revert the first",1,"tok-undoer",state="after revert"),
 req("it is gone","GET",f"/api/v1/imports/{1:040x}"),
 req("the second owns its scores","GET",f"/api/v1/imports/{2:040x}"),
 revert("revert it again",1,"tok-undoer"),
 restore("restore it",1,state="after restore"),
 revert("revert the second",2,"tok-undoer"),
 revert("revert the first, too",1,"tok-undoer",state="nothing left"),
 ]),
"overlap":("Two imports that share a score: a revert of the first leaves what the second sent.",12,"overlapper",[
 upload("import A","tok-overlapper",doc(*A[:3])),
 upload("import B","tok-overlapper",doc(*B)),
 revert("revert A",1,"tok-overlapper",state="after revert of A"),
 restore("restore A",1,state="after restore of A"),
 revert("revert B",2,"tok-overlapper",state="after revert of B"),
]),
"classes":("A dan that is claimed outlives its import, a derived class does not.",13,"dancer",[
 upload("a dan with a score","tok-dancer",doc(A[2],classes={"dan":"DAN_5"}),state="after DAN_5"),
 upload("a lower one, without scores","tok-dancer",doc(classes={"dan":"DAN_3"}),state="after DAN_3"),
 upload("no such dan","tok-dancer",doc(classes={"dan":"DAN_99"})),
 revert("revert the first",1,"tok-dancer",state="after revert"),
]),
"sessions":("Sessions merge when a bridging score comes, and split when it goes.",14,"sleepless",[
 upload("two sessions","tok-sleepless",doc(score(1,9_000_001,at=T),score(2,9_000_002,at=T+4*HOUR)),state="two"),
 upload("a bridge, exactly two hours from both","tok-sleepless",doc(score(3,9_000_003,at=T+2*HOUR)),state="one"),
 revert("without the bridge",2,"tok-sleepless",state="two again"),
 upload("a millisecond too late","tok-sleepless",doc(score(3,9_000_003,at=T+6*HOUR+1)),state="three"),
]),
"deletions":("A deleted score may come again, a blocked one may not.",15,"deleter",[
 upload("import","tok-deleter",doc(*A[:2])),
 req("not by others","DELETE","/api/v1/scores/@0","tok-stranger",{}),
 req("delete","DELETE","/api/v1/scores/@0","tok-deleter",{},state="after delete"),
 upload("import again","tok-deleter",doc(*A[:2])),
 req("delete for ever","DELETE","/api/v1/scores/@0","tok-deleter",{"blacklist":True},state="after block"),
 upload("import once more","tok-deleter",doc(*A[:2])),
 req("comment","PATCH","/api/v1/scores/@1","tok-deleter",{"comment":"close","highlight":True},state="after comment"),
]),
"refusals":("Who may not, and how often nobody may.",16,"owner",[
 direct("import","tok-owner",doc(A[0])),
 direct("an unknown token","nonsense",doc(A[0])),
 direct("nobody","",doc(A[0])),
 direct("without the permission","tok-owner-nosubmit",doc(A[0])),
 direct("banned","tok-banned",doc(A[0])),
 revert("nobody may revert",1,""),
 revert("a stranger",1,"tok-stranger"),
 revert("an admin by token",1,"tok-admin"),
 revert("without the permission",1,"tok-owner-nodelete"),
 revert("an admin by session",1,"",headers={"Cookie":"session of admin"}),
 direct("a bad score","tok-owner",doc(score(1,-1))),
 *[{"n":i} for i in range(0)],
 *[direct(f"one of six in a minute: {i+1}","tok-owner",doc(),limited=True) for i in range(6)],
]),
"worker":("202 at once, then polls until it is done or failed.",17,"waiter",[
 direct("import","tok-waiter",doc(*A),worker=True,headers={"X-User-Intent":"TRUE"}),
 req("poll","GET",f"/api/v1/imports/{1:040x}/poll-status"),
 direct("another, which is bad","tok-waiter",doc({}),worker=True),
 req("poll until it is done","GET",f"/api/v1/imports/{1:040x}/poll-status",run=True,state="done"),
 req("poll until it failed","GET",f"/api/v1/imports/{2:040x}/poll-status",run=True,state="end"),
 req("poll what never was","GET","/api/v1/imports/never/poll-status"),
]),
}
for c in CASES.values():
    for s in c[3]:
        pass

OUT=Path(__file__).parent/"cases"
KEEP=("content-type","retry-after","x-ratelimit-limit","x-ratelimit-remaining")

@pytest.mark.parametrize("name", CASES)
def test_generate(db, settings, monkeypatch, name):
    settings.RATE_LIMIT=100_000
    monkeypatch.setattr(throttles,"time",SimpleNamespace(time=lambda:1_700_000_000))
    description,uid,uname,steps=CASES[name]
    content={"scenario":name,"description":description,"songs":SONGS,"charts":CHARTS,"steps":[],"states":{}}
    fake={"scenario":name,"steps":[{"name":s["name"],"response":{"status":200,"body":{}},**{k:s[k] for k in("request","command") if k in s}} for s in steps if "name" in s],"states":{},"songs":SONGS,"charts":CHARTS,"game":"sdvx","who":[{"usernameLowercase":uname,"username":uname,"id":uid,"authLevel":1},*({"usernameLowercase":n,"username":n,"id":900+k,"authLevel":l} for k,(n,l) in enumerate([("stranger",1),("admin",3),("banned",0)]))]}
    rec=Recording(name,fake)
    rep=Replay([rec],settings,Path("/nonexistent"))
    create_users([rec]); store_attached(rec)
    for n,l,k in (("stranger",1,900),("admin",3,901),("banned",0,902)):
        if not User.objects.filter(username=n).exists() and name in("refusals",):
            User.objects.create_user(n,id=k,auth_level=l)
    from imports.models import Import
    ids=[]; scores=[]
    def ours_to_case(v):
        t=json.dumps(v,ensure_ascii=False)
        for i,x in enumerate(ids): t=t.replace(x,f"{i+1:040x}")
        v=json.loads(t)
        def fix(x):
            if isinstance(x,list): return [fix(y) for y in x]
            if isinstance(x,dict):
                d={}
                for k,y in x.items():
                    if k in("timeAdded","timeInserted") or ("importID" in x and k in("timeStarted","timeFinished")): d[k]=1_800_000_000_000
                    elif k=="importID" and x.get("type")=="FAILED": d[k]="f"*40
                    elif k=="url": d[k]=re.sub("^http://testserver","https://tachi.example",y)
                    else: d[k]=fix(y)
                return d
            return x
        return fix(v)
    for s in steps:
        step={"name":s["name"]}
        if "command" in s:
            rep.ids={f"{i+1:040x}":x for i,x in enumerate(ids)}
            rep.send(rec,s); step["command"]=s["command"]
        else:
            r=json.loads(json.dumps(s["request"]))
            r["path"]=re.sub(r"@(\d)",lambda m:scores[int(m[1])],r["path"])
            if not r["headers"]: del r["headers"]
            step["request"]=r
            rep.ids={f"{i+1:040x}":x for i,x in enumerate(ids)}
            if s.get("run"):
                target=rep.translated(re.search(r"imports/(\w+)/",r["path"])[1]); rep.run_queued(target)
            sent={"name":s["name"],"request":r,"response":{"status":202 if s.get("worker") else 200,"body":{"body":{"importStatus":"ongoing"}}}}
            if s.get("limited"):
                sent["response"]["headers"]={"x-ratelimit-limit":"5","x-ratelimit-remaining":"0" if rep.addresses.get("5")=="lim" else "4"}
                if "5" in rep.addresses and getattr(rep,"lim",False): sent["response"]["headers"]["x-ratelimit-remaining"]="0"
                rep.lim=True
            a=rep.send(rec,sent)
            body=json.loads(a.content)
            b=body.get("body")
            if isinstance(b,dict) and "importID" in b and b["importID"] not in ids: ids.append(b["importID"])
            if isinstance(b,dict) and b.get("scoreIDs") and not scores: scores=b["scoreIDs"]
            step["response"]={"status":a.status_code,"headers":{k:a.headers[k] for k in KEEP if k in a.headers},"body":ours_to_case(body)}
        content["steps"].append(step)
        if "state" in s:
            st=state_of(uid); 
            for k in("scoreTimes","trackers"): st.pop(k)
            content["states"][s["state"]]=ours_to_case(st)
    OUT.mkdir(exist_ok=True)
    content["states"]={n:{k:v for k,v in st.items() if v not in ([],) or k in("scores","sessions","personal-bests","imports","game-stats")} for n,st in content["states"].items()}
    def one(v): return json.dumps(v,ensure_ascii=False)
    lines=["{"]
    for k in("scenario","description"): lines.append(f' {one(k)}: {one(content[k])},')
    for k in("songs","charts"): lines.append(f' {one(k)}: [\n'+",\n".join("  "+one(x) for x in content[k])+"\n ],")
    steps_=[]
    for st in content["steps"]:
        parts=[]
        for k,v in st.items():
            if k=="response": v2='{"status": %s, "headers": %s, "body":\n    %s}'%(one(v["status"]),one(v["headers"]),one(v["body"])); parts.append(f'   {one(k)}: {v2}')
            else: parts.append(f'   {one(k)}: {one(v)}')
        steps_.append("  {\n"+",\n".join(parts)+"\n  }")
    lines.append(' "steps": [\n'+",\n".join(steps_)+"\n ],")
    states_=[]
    for n,st in content["states"].items():
        parts=[f'   {one(k)}: '+(one(v) if not isinstance(v,list) or not v else "[\n"+",\n".join("    "+one(x) for x in v)+"\n   ]") for k,v in st.items()]
        states_.append(f"  {one(n)}: "+"{\n"+",\n".join(parts)+"\n  }")
    lines.append(' "states": {'+("\n"+",\n".join(states_)+"\n }" if states_ else "}"))
    lines.append("}")
    text="\n".join(lines)
    assert json.loads(text)==content
    def dump(c): return text
    (OUT/f"{name}.json").write_text(dump(content)+"\n",encoding="utf-8")
